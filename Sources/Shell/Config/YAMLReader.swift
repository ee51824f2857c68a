import CYAML
import Core

/// Turns the bytes of a YAML file into nodes with places.
///
/// Only what a configuration needs is accepted: one document, no aliases (which can blow a small
/// file up to a huge tree), bounded size, depth and number of nodes.
package enum YAMLReader {
    /// Bytes of a file.
    package static let sizeLimit = 1 << 20
    /// Lists inside lists.
    package static let depthLimit = 16
    /// Texts, lists and mappings together.
    package static let nodeLimit = 10_000

    /// Reads the document of a file.
    ///
    /// - Parameter bytes: UTF-8 or UTF-16 text.
    /// - Returns: The root of the document, or nil if there is none.
    /// - Throws: The first thing that is wrong, with its place.
    package static func read(_ bytes: [UInt8]) throws(ConfigurationProblem) -> YAMLNode? {
        guard bytes.count <= sizeLimit else {
            throw ConfigurationProblem(
                at: TextPosition(line: 1, column: 1), "the file is larger than 1 MiB")
        }
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(ConfigurationProblem) in
                var parser = try YAMLParser(buffer)
                return try parser.document()
            }
        }
        return try result.get()
    }
}

/// libyaml's event parser over bytes that outlive it.
private struct YAMLParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeBufferPointer<UInt8>
    private var nodeCount = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ConfigurationProblem) {
        parser = .allocate(capacity: 1)
        self.bytes = bytes
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw ConfigurationProblem(
                at: TextPosition(line: 1, column: 1), "there is no memory to read the file")
        }
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// What an event says, with the texts copied out of it.
    private enum Event {
        case scalar(String, isPlain: Bool)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd, documentStart, streamEnd
        case alias
        /// Events without meaning here.
        case other
    }

    mutating func document() throws(ConfigurationProblem) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let (event, position) = try next()
            switch event {
            case .streamEnd: return root
            case .other: continue
            case .documentStart:
                guard root == nil else {
                    throw ConfigurationProblem(at: position, "a second document begins here")
                }
                root = try node(try next(), depth: 0)
            case .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd, .alias:
                throw Self.misplaced(position)
            }
        }
    }

    private mutating func node(
        _ start: (event: Event, position: TextPosition), depth: Int
    ) throws(ConfigurationProblem) -> YAMLNode {
        let position = start.position
        nodeCount += 1
        guard nodeCount <= YAMLReader.nodeLimit else {
            throw ConfigurationProblem(at: position, "the file holds too many values")
        }
        guard depth < YAMLReader.depthLimit else {
            throw ConfigurationProblem(at: position, "the lists are nested too deeply")
        }
        switch start.event {
        case .scalar(let text, let isPlain):
            return YAMLNode(.scalar(text, isPlain: isPlain), at: position)
        case .sequenceStart:
            var elements: [YAMLNode] = []
            while true {
                let element = try next()
                if case .sequenceEnd = element.event {
                    return YAMLNode(.sequence(elements), at: position)
                }
                elements.append(try node(element, depth: depth + 1))
            }
        case .mappingStart:
            var entries: [YAMLNode.Entry] = []
            while true {
                let start = try next()
                if case .mappingEnd = start.event {
                    return YAMLNode(.mapping(entries), at: position)
                }
                let key = try node(start, depth: depth + 1)
                let value = try node(try next(), depth: depth + 1)
                entries.append(YAMLNode.Entry(key: key, value: value))
            }
        case .alias:
            throw ConfigurationProblem(at: position, "aliases are not supported")
        case .sequenceEnd, .mappingEnd, .documentStart, .streamEnd, .other:
            throw Self.misplaced(position)
        }
    }

    private static func misplaced(_ position: TextPosition) -> ConfigurationProblem {
        ConfigurationProblem(at: position, "a value is expected here")
    }

    private mutating func next() throws(ConfigurationProblem) -> (
        event: Event, position: TextPosition
    ) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { yaml_event_delete(&event) }
        let position = Self.position(event.start_mark)
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                as: UTF8.self)
            return (.scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), position)
        case YAML_SEQUENCE_START_EVENT: return (.sequenceStart, position)
        case YAML_SEQUENCE_END_EVENT: return (.sequenceEnd, position)
        case YAML_MAPPING_START_EVENT: return (.mappingStart, position)
        case YAML_MAPPING_END_EVENT: return (.mappingEnd, position)
        case YAML_DOCUMENT_START_EVENT: return (.documentStart, position)
        case YAML_ALIAS_EVENT: return (.alias, position)
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return (.streamEnd, position)
        default: return (.other, position)
        }
    }

    /// Describes why libyaml stopped.
    private func problem() -> ConfigurationProblem {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        // Where a text that was begun does not end, only this says what it was.
        let reason = (parser.pointee.context.map { String(cString: $0) + ", " } ?? "") + problem
        guard parser.pointee.error == YAML_READER_ERROR else {
            return ConfigurationProblem(
                at: Self.position(parser.pointee.problem_mark), "no valid YAML: \(reason)")
        }
        // A byte that is no text has an offset only.
        let before = bytes.prefix(Int(clamping: parser.pointee.problem_offset))
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let column = before.reversed().prefix { $0 != 0x0A }.count + 1
        return ConfigurationProblem(
            at: TextPosition(line: line, column: column), "no valid text: \(reason)")
    }

    private static func position(_ mark: yaml_mark_t) -> TextPosition {
        TextPosition(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}
