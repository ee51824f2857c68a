import Shell

/// A certificate authority of one test, and the certificate that it gives a server on 127.0.0.1.
struct TestAuthority: Sendable {
    let directory: TemporaryDirectory

    /// The certificate by which others trust it.
    var certificate: String { directory.path + "/authority.pem" }

    struct NotMade: Error { var log: String }

    /// Makes the keys and certificates, and blocks until they are there.
    init() throws {
        directory = try TemporaryDirectory()
        let status = try Child(
            """
            exec >"\(directory.path)/log" 2>&1
            set -e
            cd "\(directory.path)"
            key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
            openssl req -x509 $key -keyout authority.key -out authority.pem -days 2 \\
                -subj "/CN=Authority of a test" -addext basicConstraints=critical,CA:TRUE
            openssl req $key -keyout server.key -out server.csr -subj "/CN=127.0.0.1"
            echo "subjectAltName=IP:127.0.0.1" >extensions
            openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key \\
                -CAcreateserial -days 2 -extfile extensions -out server.pem
            """
        ).wait()
        guard status == 0 else {
            throw NotMade(log: String(decoding: try directory.bytes(of: "log"), as: UTF8.self))
        }
    }
}
