import Core
import GraphSimulator

/// What happened: as a number, by which two runs are compared, and in words if they are wanted.
struct Trace {
    let isVerbose: Bool
    private(set) var lines: [String] = []
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init(isVerbose: Bool) { self.isVerbose = isVerbose }

    var value: UInt64 { hash }

    mutating func note(_ line: @autoclosure () -> String) {
        if isVerbose { lines.append(line()) }
    }

    mutating func fold(_ number: UInt64) {
        hash = (hash ^ number) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
    }

    private mutating func fold(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { fold($0) }
    }

    private mutating func fold(_ text: String) {
        var text = text
        text.withUTF8 { fold(UnsafeRawBufferPointer($0)) }
    }

    private mutating func fold(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= bytes.count {
            fold(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var rest = UInt64(bytes.count)
        for index in offset..<bytes.count { rest = rest << 8 | UInt64(bytes[index]) }
        fold(rest)
    }

    mutating func fold(_ request: SimulatedRequest, _ response: SimulatedResponse) {
        fold(request.method)
        fold(request.target)
        fold(request.body)
        fold(UInt64(response.status))
        fold(response.bytes)
    }

    mutating func fold(_ record: RecordChange) {
        switch record {
        case .node(let node): fold(1 << 32 | node.id.rawValue)
        case .removeNode(let id): fold(2 << 32 | id.rawValue)
        case .generation(let generation): fold(3 << 32 | generation.id.rawValue)
        case .removeGeneration(let id): fold(4 << 32 | id.rawValue)
        case .linkTarget(let id, _): fold(5 << 32 | id.rawValue)
        case .attribute(let id, _, _): fold(6 << 32 | id.rawValue)
        case .session(let id, _): fold(7 << 32 | id.rawValue)
        case .setting: fold(8 << 32)
        case .pin(let id, _): fold(9 << 32 | id.rawValue)
        case .checkout: fold(25 << 32)
        case .share(let id, _): fold(10 << 32 | id.rawValue)
        }
    }

    mutating func fold(_ effect: Effect) {
        switch effect {
        case .send(let transmission): fold(11 << 32 | transmission.id.rawValue)
        case .cancel(let id): fold(12 << 32 | id.rawValue)
        case .obtainToken: fold(13 << 32)
        case .createContent(let id, _): fold(14 << 32 | id.rawValue)
        case .discardContent(let id): fold(15 << 32 | id.rawValue)
        case .setContentAside(let id): fold(16 << 32 | id.rawValue)
        case .hash(let request): fold(17 << 32 | request.generation.rawValue)
        case .wake(let id, _): fold(18 << 32 | id.rawValue)
        case .invalidateInode(let id, _): fold(19 << 32 | id.rawValue)
        case .invalidateEntry(let id, _): fold(20 << 32 | id.rawValue)
        case .deleteEntry(_, let id, _): fold(21 << 32 | id.rawValue)
        case .setTimer(let time): fold(UInt64(bitPattern: time.nanoseconds))
        case .report: fold(22 << 32)
        case .measureSpace: fold(23 << 32)
        case .synchronizeContent: fold(24 << 32)
        case .synchronizeState: fold(26 << 32)
        case .discardWhenDurable(let ids): for id in ids { fold(28 << 32 | id.rawValue) }
        case .announce(let id): fold(27 << 32 | id.rawValue)
        }
    }
}
