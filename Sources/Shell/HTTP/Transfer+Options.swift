import CCurl
import Core

extension Transfer {
    /// Tells libcurl what to do, on a handle that was reset.
    func configure(_ configuration: HTTPClientConfiguration, authority: URLAuthority) {
        let request = submission.request
        easy.set(CURLOPT_URL, request.url)
        easy.set(CURLOPT_USERAGENT, configuration.userAgent)
        // Signals would reach whichever thread, and a lost connection must not end the process.
        easy.set(CURLOPT_NOSIGNAL, 1)
        onedrive_curl_set_protocols(easy.pointer)
        onedrive_curl_set_quick_exit(easy.pointer)
        easy.set(CURLOPT_FOLLOWLOCATION, 0)
        easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        // A proxy may be reached by TLS, too.
        if let file = configuration.authorities.file {
            easy.set(CURLOPT_CAINFO, file)
            easy.set(CURLOPT_PROXY_CAINFO, file)
        }
        if let directory = configuration.authorities.directory {
            easy.set(CURLOPT_CAPATH, directory)
            easy.set(CURLOPT_PROXY_CAPATH, directory)
        }
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        easy.set(CURLOPT_BUFFERSIZE, TransferRates.pieceLimit(configuration.downloadLimit))
        easy.set(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
        let version =
            configuration.offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        easy.set(CURLOPT_HTTP_VERSION, version)
        easy.set(
            CURLOPT_CONNECTTIMEOUT_MS, Int(configuration.connectTimeout.wholeMilliseconds))
        easy.set(CURLOPT_LOW_SPEED_LIMIT, configuration.lowSpeedLimit)
        easy.set(
            CURLOPT_LOW_SPEED_TIME, Int(max(configuration.lowSpeedTime.components.seconds, 1)))
        // The environment names a proxy for the network, never for this machine.
        if authority.isLoopback { easy.set(CURLOPT_PROXY, "") }
        setMethod(request)
        easy.set(headerLines: headerLines(request))
        easy.connect(to: self)
    }

    private func setMethod(_ request: HTTPRequest) {
        switch request.method {
        case .get, .delete:
            break
        case .put, .post, .patch:
            // A known size, even 0, makes libcurl send Content-Length and never chunks.
            easy.set(CURLOPT_UPLOAD, 1)
            easy.set(CURLOPT_INFILESIZE_LARGE, offset: request.body.count)
        }
        easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }

    private func headerLines(_ request: HTTPRequest) -> [String] {
        // Waiting for "100 Continue" costs a round trip that Graph never makes use of.
        var lines = ["Expect:"]
        lines += request.headers.map { header in
            header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
        }
        switch submission.sink {
        case .memory:
            // By option and not by header, so that libcurl also decodes it.
            easy.set(CURLOPT_ACCEPT_ENCODING, "gzip")
        case .stream:
            // Offsets and hashes are those of the file, so its bytes must come as they are.
            if request.header("Accept-Encoding") == nil {
                lines.append("Accept-Encoding: identity")
            }
        }
        return lines
    }
}

extension HTTPRequest {
    /// Says why the request cannot be sent as it is, or nil if it can.
    ///
    /// A line break in a header field would let its value add fields of its own.
    var defect: TransportFailure? {
        for header in headers {
            let isSound =
                !header.name.isEmpty
                && header.name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3A }
                && header.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            guard isSound else {
                return .other(
                    code: Int32(CURLE_BAD_FUNCTION_ARGUMENT.rawValue),
                    message: "a header field holds a forbidden character")
            }
        }
        switch (method, body) {
        case (.get, .bytes), (.get, .content), (.delete, .bytes), (.delete, .content):
            return .other(
                code: Int32(CURLE_BAD_FUNCTION_ARGUMENT.rawValue),
                message: "\(method.rawValue) takes no body")
        case (.get, .none), (.delete, .none), (.put, _), (.post, _), (.patch, _):
            return nil
        }
    }
}

extension Duration {
    /// The duration in milliseconds, at least one.
    fileprivate var wholeMilliseconds: Int64 {
        max(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000, 1)
    }
}
