import Core

/// Something that a client asked for and whose outcome has not reached it.
struct Flight {
    enum Errand {
        case request(Transmission)
        case token
        case hash(HashRequest)
        case measureSpace
        case synchronizeContent
        /// The kernel is told what became of a name.
        case announcement(NodeID)
    }

    /// What comes back from the network.
    struct Arrival {
        var result: Result<GraphAnswer, TransportFailure>
        /// Bytes for a content file, and which they are.
        var bytes: [UInt8] = []
        var part: ContentPart?
    }

    var errand: Errand
    /// Nil while the request is on its way to the service.
    var arrival: Arrival?
    /// What came before it comes first, unless the schedule says otherwise.
    var age: Int
}
