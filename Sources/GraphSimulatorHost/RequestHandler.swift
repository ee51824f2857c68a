import Core
import GraphSimulator
import NIOCore
import NIOHTTP1

/// Collects the requests of one connection, has them answered one after the other, and sends.
///
/// Contents are produced chunk by chunk as the connection takes them.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// The response that is being sent.
    private struct Sending {
        let blob: Blob
        var position: UInt64
        let end: UInt64
        /// The connection is dropped when this position is reached.
        let cut: UInt64?
        let keepsAlive: Bool
    }

    private let service: SharedService
    private let latency: TimeAmount
    private let line: SimulatedLine?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// Whether what comes is thrown away, since the request was refused already.
    private var ignoresBody = false
    private var sending: Sending?
    /// Whether the next chunk waits for the line.
    private var awaitsLine = false

    /// The longest body that is taken: simple uploads may have 250 MB.
    private static let bodyLimit = 256 << 20
    /// The longest delay of a fault, in milliseconds.
    private static let delayMax = 3_600_000
    private static let chunkLength = 256 << 10

    init(service: SharedService, latency: TimeAmount, line: SimulatedLine?) {
        self.service = service
        self.latency = latency
        self.line = line
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let part): receive(part, context)
        case .end: finish(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        self.head = head
        body = []
        ignoresBody = false
        if head.method == .PUT, head.headers.contains(name: "Transfer-Encoding") {
            refuse(411, "A Content-Length is required.", context)
            return
        }
        let length = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        if length > Self.bodyLimit {
            refuse(413, "The request body is too large.", context)
            return
        }
        body.reserveCapacity(length)
        if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
            let proceed = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(proceed)), promise: nil)
        }
    }

    private func receive(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
        guard !ignoresBody else { return }
        guard body.count + part.readableBytes <= Self.bodyLimit else {
            refuse(413, "The request body is too large.", context)
            return
        }
        body.append(contentsOf: part.readableBytesView)
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard let head, !ignoresBody else { return }
        let request = SimulatedRequest(
            method: head.method.rawValue, target: head.uri,
            host: head.headers.first(name: "Host") ?? "127.0.0.1",
            headers: head.headers.map { HTTPHeader($0.name, $0.value) }, body: body)
        body = []
        let keepsAlive = head.isKeepAlive
        let response = service.answer(request)
        let delay =
            latency
            + .milliseconds(
                Int64(min(response.delivery.delayMilliseconds, Self.delayMax)))
        guard delay > .zero else {
            send(response, keepsAlive: keepsAlive, context)
            return
        }
        // Both stay on the event loop of this connection.
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            self.send(response, keepsAlive: keepsAlive, context)
        }
    }

    /// Answers before the body is there, and closes the connection.
    private func refuse(_ status: Int, _ reason: String, _ context: ChannelHandlerContext) {
        ignoresBody = true
        let response = SimulatedResponse(
            status: status, headers: [HTTPHeader("Content-Type", "text/plain")],
            body: .bytes(Array(reason.utf8)))
        send(response, keepsAlive: false, context)
    }

    // MARK: Sending

    private func send(
        _ response: SimulatedResponse, keepsAlive: Bool, _ context: ChannelHandlerContext
    ) {
        guard !response.delivery.dropsConnection else {
            context.close(promise: nil)
            return
        }
        context.write(wrapOutboundOut(.head(Self.head(of: response, keepsAlive))), promise: nil)
        let cut = response.delivery.cutAfter.flatMap { $0 < response.body.count ? $0 : nil }
        switch response.body {
        case .bytes(let bytes):
            let sent = cut.map { bytes.prefix(Int($0)) } ?? bytes[...]
            if !sent.isEmpty {
                let buffer = context.channel.allocator.buffer(bytes: sent)
                context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
            }
            if cut == nil { end(keepsAlive: keepsAlive, context) } else { cutOff(context) }
        case .content(let blob, let range):
            sending = Sending(
                blob: blob, position: range.lowerBound, end: range.upperBound,
                cut: cut.map { range.lowerBound + $0 }, keepsAlive: keepsAlive)
            sendMore(context)
        }
    }

    /// Sends chunks while the connection takes them; ``channelWritabilityChanged`` goes on.
    private func sendMore(_ context: ChannelHandlerContext) {
        while let current = sending, !awaitsLine {
            let end = current.cut ?? current.end
            let length = min(UInt64(Self.chunkLength), end - current.position)
            if length > 0 {
                guard context.channel.isWritable else {
                    context.flush()
                    // A flush that empties the buffer at once brings no event of its own.
                    if context.channel.isWritable { continue }
                    return
                }
                let wait = line?.reserve(Int(length)) ?? .zero
                guard wait > .zero else {
                    write(length, context)
                    continue
                }
                context.flush()
                awaitsLine = true
                context.eventLoop.assumeIsolated().scheduleTask(in: wait) {
                    self.awaitsLine = false
                    self.write(length, context)
                    self.sendMore(context)
                }
            } else {
                sending = nil
                if current.cut == nil {
                    self.end(keepsAlive: current.keepsAlive, context)
                } else {
                    cutOff(context)
                }
            }
        }
    }

    private func write(_ length: UInt64, _ context: ChannelHandlerContext) {
        guard var current = sending else { return }
        let range = current.position..<(current.position + length)
        context.write(
            wrapOutboundOut(.body(.byteBuffer(chunk(current.blob, range, context)))), promise: nil)
        current.position += length
        sending = current
    }

    private func chunk(
        _ blob: Blob, _ range: Range<UInt64>, _ context: ChannelHandlerContext
    ) -> ByteBuffer {
        let length = Int(range.upperBound - range.lowerBound)
        var buffer = context.channel.allocator.buffer(capacity: length)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { bytes in
            blob.write(range, into: bytes)
            return length
        }
        return buffer
    }

    private func end(keepsAlive: Bool, _ context: ChannelHandlerContext) {
        let channel = context.channel
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !keepsAlive { written.whenComplete { _ in channel.close(promise: nil) } }
    }

    /// Closes the connection once what was written is out.
    private func cutOff(_ context: ChannelHandlerContext) {
        let channel = context.channel
        // The empty write completes after all before it.
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))))
            .whenComplete { _ in channel.close(promise: nil) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { sendMore(context) }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private static func head(
        of response: SimulatedResponse, _ keepsAlive: Bool
    ) -> HTTPResponseHead {
        var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        // RFC 9110, section 8.6: no Content-Length with 204; 304 has no body either.
        if response.status != 204, response.status != 304 {
            headers.replaceOrAdd(name: "Content-Length", value: String(response.body.count))
        }
        if !keepsAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
        return HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status),
            headers: headers)
    }
}
