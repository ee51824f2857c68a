import Core

/// A page of changes as OneDrive for Business writes it, of files in one folder.
enum MeasuredPage {
    static func body(items count: Int) -> [UInt8] {
        let items = (1...count).map(item)
        let page: JSONValue = [
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(driveItem)",
            "@odata.nextLink": .string(
                "https://graph.microsoft.com/v1.0/drives/\(drive)/root/delta?token=\(filler(200))"),
            "value": .array(items),
        ]
        return page.serialized()
    }

    private static let drive = "b!" + filler(64)

    private static func item(_ number: Int) -> JSONValue {
        let digits = String(1_000_000 + number)
        let unique = "0F3A9C1E-7B2D-4E8A-9D0F-55AA0\(digits)"
        return [
            "@odata.type": "#microsoft.graph.driveItem",
            "id": .string("01BYE5RZ" + filler(19) + digits),
            "name": .string("Report \(number) of the year.docx"),
            "size": .integer(Int64(number * 977)),
            "eTag": .string("\"{\(unique)},2\""),
            "cTag": .string("\"c:{\(unique)},1\""),
            "createdDateTime": "2025-03-04T05:06:07Z",
            "lastModifiedDateTime": "2025-04-05T06:07:08Z",
            "fileSystemInfo": [
                "createdDateTime": "2025-03-04T05:06:07Z",
                "lastModifiedDateTime": "2025-04-05T06:07:08Z",
            ],
            "parentReference": [
                "driveType": "business", "driveId": .string(drive),
                "id": .string("01BYE5RZ" + filler(26)),
                "path": .string("/drives/\(drive)/root:/Documents/Reports"),
            ],
            "file": [
                "mimeType":
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "hashes": ["quickXorHash": .string(hash(number))],
            ],
        ]
    }

    private static func hash(_ number: Int) -> String {
        QuickXorHash.hash(of: Array(String(number).utf8)).base64
    }

    private static func filler(_ count: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        return String((0..<count).map { letters[($0 * 7 + count) % letters.count] })
    }
}
