import Core
import Testing

struct UploadWayTests {
    @Test(
        "the way of an upload follows from its size and the kind of drive",
        arguments: [
            (0, .personal, .simple), (0, .business, .simple),
            (0, .documentLibrary, .simple), (0, nil, .simple), (1, .personal, .simple),
            ((4 << 20) - 1, .personal, .simple), (4 << 20, .personal, .session),
            (1, .business, .session), (1, .documentLibrary, .session), (1, nil, .session),
            (1 << 40, .personal, .session),
        ] as [(Int64, Core.DriveKind?, UploadWay)])
    func way(_ size: Int64, _ kind: Core.DriveKind?, _ way: UploadWay) {
        #expect(UploadWay.choose(size: size, driveKind: kind) == way)
    }

    @Test(
        "where one way is refused the other is taken, as far as it leads",
        arguments: [
            (1, .session, .simple), (250_000_000, .session, .simple),
            (250_000_001, .session, .session), (1, .simple, .session), (0, .simple, .simple),
        ] as [(Int64, UploadWay, UploadWay)])
    func otherWay(_ size: Int64, _ refused: UploadWay, _ way: UploadWay) {
        for kind in [Core.DriveKind.business, .personal, nil] {
            #expect(UploadWay.choose(size: size, driveKind: kind, refused: refused) == way)
        }
    }

    @Test(
        "fragments follow each other to the end and have legal lengths",
        arguments: [1, 327_680, 10_485_760, 10_485_761, 200_000_000] as [Int64],
        [0, 1, 327_679, 5_000_000] as [Int64])
    func fragments(_ total: Int64, _ start: Int64) {
        var offset = min(start, total - 1)
        var count = 0
        while offset < total {
            let range = UploadWay.fragment(from: offset, total: total)
            #expect(range.lowerBound == offset && range.upperBound <= total)
            let length = range.upperBound - range.lowerBound
            #expect(length > 0 && length < 60 << 20)
            #expect(range.upperBound == total || length % UploadWay.fragmentUnit == 0)
            offset = range.upperBound
            count += 1
        }
        #expect(Int64(count) <= total / UploadWay.firstFragmentSize + 1)
    }
}
