import Core

/// Small pictures of files: the redirect from Graph, and the bytes from the host of thumbnails.
extension GraphService {
    /// `GET …/thumbnails/0/{size}/content`: 302 to a URL that needs no token; 404 for files of which
    /// there is no picture.
    mutating func redirectToThumbnail(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        guard address.relation.count == 4, address.relation[1] == "0",
            ["small", "medium", "large"].contains(address.relation[2]),
            address.relation[3] == "content"
        else { throw .unsupported("The relation \(address.relation.joined(separator: "/"))") }
        let key = try resolve(address, drive, now: exchange.now)
        let item = try existing(key, drive)
        guard item.file != nil, MediaType.isPictured(item.name) else { throw .itemNotFound }
        return SimulatedResponse(
            status: 302,
            headers: [
                HTTPHeader("Location", thumbnailURL(exchange, drive, key)),
                HTTPHeader("Cache-Control", "no-store"),
            ])
    }

    /// `GET /thumbnail/{drive}/{item}?tempauth={signature}`: the same grey picture for every file.
    func thumbnail(_ exchange: Exchange) throws(GraphFailure) -> SimulatedResponse {
        guard exchange.request.header("Authorization") == nil else {
            throw .tokenOnPreauthenticatedURL
        }
        let fields = exchange.target.segments.dropFirst().compactMap { Int64($0) }
        guard exchange.request.method == "GET", fields.count == 2,
            let drive = drives.indices.contains(Int(fields[0])) ? Int(fields[0]) : nil
        else { throw .itemNotFound }
        let key = ItemKey(UInt64(bitPattern: fields[1]))
        guard exchange.target.parameter("tempauth") == signature(drive, key) else {
            throw GraphFailure(401, "unauthenticated", inner: "invalidSignature", "Access denied.")
        }
        guard drives[drive].liveItem(key)?.file != nil else { throw .itemNotFound }
        return SimulatedResponse(
            status: 200, headers: [HTTPHeader("Content-Type", "image/jpeg")],
            body: .bytes(Self.picture))
    }

    private func thumbnailURL(_ exchange: Exchange, _ drive: Int, _ key: ItemKey) -> String {
        "\(exchange.origin)/thumbnail/\(drive)/\(key.number)?tempauth=\(signature(drive, key))"
    }

    private func signature(_ drive: Int, _ key: ItemKey) -> String {
        Digits.hexadecimal(
            DownloadTicket.signature(
                drive: drive, key: key, expires: 0, viewer: .signedInUser, secret: secret))
    }

    /// A JPEG file of 8 × 8 grey pixels, written out by hand (ITU T.81, annex B): one component, the
    /// shortest possible Huffman tables, one block of zeros.
    package static let picture: [UInt8] =
        [0xFF, 0xD8]
        // Quantization table 0.
        + [0xFF, 0xDB, 0x00, 0x43, 0x00] + [UInt8](repeating: 0x10, count: 64)
        // Frame: 8 bits, 8 × 8, one component.
        + [0xFF, 0xC0, 0x00, 0x0B, 0x08, 0x00, 0x08, 0x00, 0x08, 0x01, 0x01, 0x11, 0x00]
        // Huffman tables 0 for DC and AC: one code of one bit for the symbol 0.
        + [0xFF, 0xC4, 0x00, 0x14, 0x00, 0x01] + [UInt8](repeating: 0x00, count: 16)
        + [0xFF, 0xC4, 0x00, 0x14, 0x10, 0x01] + [UInt8](repeating: 0x00, count: 16)
        // Scan: DC difference 0, end of block, padded with ones.
        + [0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0x3F]
        + [0xFF, 0xD9]
}
