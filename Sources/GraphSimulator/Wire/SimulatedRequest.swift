import Core

/// One HTTP request as the simulated service receives it.
package struct SimulatedRequest: Sendable {
    /// The method in upper case, such as `GET`.
    package var method: String
    /// Path and query exactly as sent, percent escapes included.
    package var target: String
    /// The `Host` header; links in answers are made from it, see ``origin``.
    package var host: String
    /// All header fields as sent.
    package var headers: [HTTPHeader]
    /// The whole body.
    package var body: [UInt8]

    package init(
        method: String, target: String, host: String = "graph.microsoft.com",
        headers: [HTTPHeader] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.host = host
        self.headers = headers
        self.body = body
    }

    /// Returns the value of the first header field with that name, whatever its case.
    func header(_ name: String) -> String? {
        headers.value(named: name)
    }

    /// Where it was sent to, without the path.
    ///
    /// What ends TLS in front of the simulator says so in `X-Forwarded-Proto`.
    var origin: String {
        (header("X-Forwarded-Proto") == "https" ? "https://" : "http://") + host
    }

    /// Tells whether a comma-separated `Prefer` header names `preference`.
    func prefers(_ preference: String) -> Bool {
        headers.contains { header in
            header.isNamed("Prefer")
                && header.value.utf8.split(separator: UInt8(ascii: ",")).contains { part in
                    Substring(part).trimmingSpaces.utf8.elementsEqual(preference.utf8)
                }
        }
    }
}

extension Substring {
    /// This text without the spaces and tabs at either end.
    var trimmingSpaces: Substring {
        var bytes = utf8
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return Substring(bytes)
    }
}
