import Core
import Testing

/// Whether a running client may go on with a sign-in that was made beside it.
struct SignInCheckTests {
    private static let own = DriveID(rawValue: "b!own")

    private static func failure(_ kind: GraphFailure.Kind) -> Result<GraphAnswer, TransportFailure>
    {
        .success(.failure(GraphFailure(kind: kind, status: 400, message: "no")))
    }

    private static func drive(_ id: DriveID) -> Result<GraphAnswer, TransportFailure> {
        .success(.drive(DriveInformation(id: id)))
    }

    @Test func driveOfBefore() {
        #expect(SignInCheck(Self.drive(Self.own), known: Self.own) == .sameDrive)
        #expect(SignInCheck(Self.drive(Self.own), known: nil) == .sameDrive)
    }

    @Test func anotherDrive() {
        let other = Self.drive(DriveID(rawValue: "b!other"))
        #expect(SignInCheck(other, known: Self.own) == .otherDrive)
        for kind in [GraphFailure.Kind.forbidden, .notFound] {
            #expect(SignInCheck(Self.failure(kind), known: Self.own) == .otherDrive)
        }
    }

    @Test("What says nothing about the drive is no reason to go on, nor to call it another")
    func unknown() {
        for answer in [
            .failure(.cannotConnect), Self.failure(.unauthenticated), Self.failure(.serverFault),
            .success(.done),
        ] {
            guard case .unknown(let reason) = SignInCheck(answer, known: Self.own) else {
                Issue.record("\(answer)")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }
}
