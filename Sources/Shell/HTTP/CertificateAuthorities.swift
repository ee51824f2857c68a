import Glibc

/// The certificate authorities that are trusted beside or in place of those that libcurl was built
/// to trust, which are as a rule those of the system.
package struct CertificateAuthorities: Hashable, Sendable {
    /// A file of their certificates in PEM form, which takes the place of the system's.
    package var file: String?
    /// A directory of such files under their hashes, as `openssl rehash` makes it.
    package var directory: String?

    /// Those of the system alone.
    package static let ofSystem = CertificateAuthorities(variables: [:])

    /// Those that the environment names.
    ///
    /// The library reads only the proxies from there; this is what the program `curl` does.
    static var ofEnvironment: CertificateAuthorities {
        var variables: [String: String] = [:]
        for name in [curlFile, openSSLFile, openSSLDirectory] {
            variables[name] = getenv(name).map { String(cString: $0) }
        }
        return CertificateAuthorities(variables: variables)
    }

    private static let curlFile = "CURL_CA_BUNDLE"
    private static let openSSLFile = "SSL_CERT_FILE"
    private static let openSSLDirectory = "SSL_CERT_DIR"

    /// Reads the variables of an environment: that of curl, or else those of OpenSSL.
    ///
    /// An empty one is as good as none.
    package init(variables: [String: String]) {
        let named = variables.filter { !$0.value.isEmpty }
        if let curl = named[Self.curlFile] {
            file = curl
        } else {
            file = named[Self.openSSLFile]
            directory = named[Self.openSSLDirectory]
        }
    }
}
