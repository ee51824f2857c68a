import CCurl
import Core

extension TransportFailure {
    /// Translates libcurl's result of a transfer.
    ///
    /// - Parameters:
    ///   - code: The result, not `CURLE_OK`.
    ///   - easy: The handle, for what it counted.
    ///   - lost: The failure if the connection was lost.
    init(_ code: CURLcode, of easy: CurlEasy, lost: TransportFailure) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self = .cannotResolve
        case CURLE_COULDNT_CONNECT:
            self = .cannotConnect
        case CURLE_OPERATION_TIMEDOUT:
            self = .timedOut
        case CURLE_RECV_ERROR where easy.proxyRefused:
            self = .cannotConnect
        case CURLE_SSL_CONNECT_ERROR where easy.number(CURLINFO_OS_ERRNO) != 0:
            // The connection broke during the handshake: the network's fault, not the server's.
            self = .cannotConnect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_USE_SSL_FAILED:
            self = .tls(Self.text(code, of: easy))
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND, CURLE_SSL_SHUTDOWN_FAILED:
            self = lost
        case CURLE_FILESIZE_EXCEEDED:
            self = .bodyTooLarge
        case CURLE_ABORTED_BY_CALLBACK, CURLE_READ_ERROR, CURLE_WRITE_ERROR:
            self = .aborted
        default:
            self = .other(code: Int32(code.rawValue), message: Self.text(code, of: easy))
        }
    }

    private static func text(_ code: CURLcode, of easy: CurlEasy) -> String {
        let message = easy.errorMessage
        return message.isEmpty ? String(cString: curl_easy_strerror(code)) : message
    }
}
