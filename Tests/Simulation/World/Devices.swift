/// The devices of a world.
///
/// A device is large, and asking it for a little thing would copy all of it if it lay in an array.
struct Devices: RandomAccessCollection, Sendable {
    /// Changed only while one value alone refers to it.
    private final class Box: @unchecked Sendable {
        var device: Device

        init(_ device: Device) { self.device = device }
    }

    private var boxes: [Box] = []

    var startIndex: Int { boxes.startIndex }
    var endIndex: Int { boxes.endIndex }

    mutating func append(_ device: Device) { boxes.append(Box(device)) }

    subscript(number: Int) -> Device {
        _read { yield boxes[number].device }
        _modify {
            if !isKnownUniquelyReferenced(&boxes[number]) {
                boxes[number] = Box(boxes[number].device)
            }
            yield &boxes[number].device
        }
    }
}
