import Core

/// The settings of an ``HTTPClient``.
package struct HTTPClientConfiguration: Sendable {
    /// How many transfers run at once.
    package var limits = TransferLimits()
    /// How many transfers may wait; one more fails at once.
    package var waitingLimit = 16_384
    /// How long a connection may take to be made, name look-up and TLS included.
    package var connectTimeout: Duration = .seconds(30)
    /// A transfer that moves fewer bytes per second than this for ``lowSpeedTime`` has failed.
    package var lowSpeedLimit = 16
    /// How long a transfer may stall, in whole seconds.
    ///
    /// Servers hold the header fields of a response back for a minute while they commit a large
    /// upload, so it is longer than that.
    package var lowSpeedTime: Duration = .seconds(120)
    /// Bytes per second that all uploads together may send, or nil for no limit.
    package var uploadLimit: Int64?
    /// Bytes per second that all downloads together may receive, or nil for no limit.
    package var downloadLimit: Int64?
    /// Who is trusted to say that a server is what it claims to be.
    package var authorities = CertificateAuthorities.ofSystem
    /// False keeps to HTTP/1.1, for networks that break HTTP/2.
    package var offersHTTP2 = true
    /// The product and version, in the form that Graph gives decorated traffic priority for.
    package var userAgent: String
    /// Called on the client's thread after each transfer, before its completion.
    package var log: (@Sendable (HTTPLogEntry) -> Void)?

    package init(userAgent: String, log: (@Sendable (HTTPLogEntry) -> Void)? = nil) {
        self.userAgent = userAgent
        self.log = log
    }

    /// The settings that follow from the configuration file and the environment.
    ///
    /// - Parameters:
    ///   - configuration: Gives the number of connections and the rate limits.
    ///   - version: The version of this program.
    ///   - log: Called after each transfer.
    package init(
        _ configuration: Configuration, version: String,
        log: (@Sendable (HTTPLogEntry) -> Void)? = nil
    ) {
        self.init(userAgent: Self.userAgent(version: version), log: log)
        // Nothing that the scheduler sends is to wait here.
        limits =
            RequestScheduler.Configuration(concurrency: configuration.connections).transferLimits
        uploadLimit = configuration.uploadLimit
        downloadLimit = configuration.downloadLimit
        authorities = .ofEnvironment
    }

    /// The user agent of a version of this program: `NONISV|onedrive|onedrive/VERSION`.
    package static func userAgent(version: String) -> String {
        "NONISV|onedrive|onedrive/\(version)"
    }
}

/// What a log may say of a transfer.
///
/// It holds no secret.
package struct HTTPLogEntry: Sendable {
    /// The transfer.
    package var id: TransferID
    package var method: HTTPMethod
    /// The address in its loggable form.
    package var url: String
    package var priority: RequestPriority
    /// The status of the response, or why there is none.
    package var outcome: Result<Int, TransportFailure>
    /// Bytes of the request body that were sent.
    package var sentCount: Int64
    /// Bytes of the response body that arrived, as they were on the wire.
    package var receivedCount: Int64
    /// The time from its start, not counting the wait for its turn.
    package var duration: Duration
    /// True if no new connection had to be made.
    package var reusedConnection: Bool
    /// The protocol that the response came by, such as `HTTP/2`, or nil if none came.
    package var version: String?
    /// Graph's `request-id`, which its support asks for.
    package var requestID: String?
}

extension HTTPLogEntry: CustomStringConvertible {
    /// One line for a log.
    package var description: String {
        let result =
            switch outcome {
            case .success(let status): "\(status)"
            case .failure(let failure): "\(failure)"
            }
        let milliseconds =
            duration.components.seconds * 1000
            + duration.components.attoseconds / 1_000_000_000_000_000
        return "#\(id.number) \(method.rawValue) \(url): \(result), sent \(sentCount) B, "
            + "received \(receivedCount) B in \(milliseconds) ms, "
            + (reusedConnection ? "same connection" : "new connection")
            + (version.map { ", \($0)" } ?? "")
            + (requestID.map { ", request-id \($0)" } ?? "")
    }
}
