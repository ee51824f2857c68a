import Core
import Testing

struct GraphRequestTests {
    static let endpoint = GraphEndpoint(
        graph: "https://graph.microsoft.com", drive: .drive(DriveID(rawValue: "b!x")))
    static let drive = "https://graph.microsoft.com/v1.0/drives/b%21x"
    static let session = "https://up.example/session?tempauth=a%2fb"

    struct Row: CustomTestStringConvertible {
        var call: GraphCall
        var method: HTTPMethod
        var url: String
        var headers: [HTTPHeader] = []
        var json: JSONValue?
        var testDescription: String { "\(call)" }
    }

    static let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 999_999_999)
    static let selection =
        "$select=id,name,eTag,cTag,size,createdDateTime,lastModifiedDateTime,fileSystemInfo,"
        + "parentReference,file,folder,package,root,deleted,remoteItem"
    static let prefer = [HTTPHeader("Prefer", "Include-Feature=AddToOneDrive")]
    static let json = HTTPHeader("Content-Type", "application/json")
    static let conflict = "@microsoft.graph.conflictBehavior"

    static let rows: [Row] = [
        Row(call: .drive, method: .get, url: drive),
        Row(
            call: .libraries(of: SharePointSite(host: "a.sharepoint.com", path: "/sites/A B")),
            method: .get,
            url: "https://graph.microsoft.com/v1.0/sites/a.sharepoint.com:/sites/A%20B:/drives"),
        Row(
            call: .libraries(of: SharePointSite(host: "a.sharepoint.com", path: "")), method: .get,
            url: "https://graph.microsoft.com/v1.0/sites/a.sharepoint.com/drives"),
        Row(call: .rootItem, method: .get, url: drive + "/root"),
        Row(
            call: .delta(.initial), method: .get,
            url: drive + "/root/delta?\(selection)&$top=1000", headers: prefer),
        Row(
            call: .delta(.latest), method: .get,
            url: drive + "/root/delta?token=latest&\(selection)", headers: prefer),
        Row(
            call: .delta(.link("https://graph.microsoft.com/v1.0/x/delta?(token='a%2fB')")),
            method: .get, url: "https://graph.microsoft.com/v1.0/x/delta?(token='a%2fB')",
            headers: prefer),
        Row(
            call: .children(.first("a!1")), method: .get,
            url: drive + "/items/a%211/children?\(selection)&$top=1000", headers: prefer),
        Row(
            call: .children(.firstOfRoot), method: .get,
            url: drive + "/root/children?\(selection)&$top=1000", headers: prefer),
        Row(
            call: .checkoutState("01AB"), method: .get,
            url: drive + "/items/01AB?\(selection),publication"),
        Row(
            call: .checkOut("a|b"), method: .post,
            url: "https://graph.microsoft.com/v1.0/drives/a/items/b/checkout", headers: [json],
            json: [:]),
        Row(
            call: .checkIn("01AB"), method: .post, url: drive + "/items/01AB/checkin",
            headers: [json], json: ["checkInAs": "published", "comment": ""]),
        Row(
            call: .discardCheckout("01AB"), method: .post,
            url: drive + "/items/01AB/discardCheckout", headers: [json], json: [:]),
        Row(call: .item("01AB"), method: .get, url: drive + "/items/01AB"),
        Row(
            call: .item("../../me?x#y"), method: .get,
            url: drive + "/items/..%2F..%2Fme%3Fx%23y"),
        Row(
            call: .child(of: "p", named: "50% #1 ü+.txt"), method: .get,
            url: drive + "/items/p:/50%25%20%231%20%C3%BC%2B.txt"),
        Row(
            call: .createDirectory(parent: "p", name: "a\"b"), method: .post,
            url: drive + "/items/p/children", headers: [json],
            json: ["name": "a\"b", "folder": [:], "@microsoft.graph.conflictBehavior": "fail"]),
        Row(
            call: .createSession(.new(parent: "p", name: "n"), size: 7, modified: time),
            method: .post, url: drive + "/items/p:/n:/createUploadSession", headers: [json],
            json: [
                "item": [
                    "@microsoft.graph.conflictBehavior": "fail", "fileSize": 7,
                    "fileSystemInfo": ["lastModifiedDateTime": "2023-11-14T22:13:20Z"],
                ]
            ]),
        Row(
            call: .createSession(.replacing("i", ifMatch: "\"{A},1\""), size: 7, modified: time),
            method: .post, url: drive + "/items/i/createUploadSession",
            headers: [json, HTTPHeader("If-Match", "\"{A},1\"")],
            json: [
                "item": [
                    "@microsoft.graph.conflictBehavior": "replace", "fileSize": 7,
                    "fileSystemInfo": ["lastModifiedDateTime": "2023-11-14T22:13:20Z"],
                ]
            ]),
        Row(call: .sessionStatus(url: session), method: .get, url: session),
        Row(call: .cancelSession(url: session), method: .delete, url: session),
        Row(
            call: .change("i", ItemChange(name: "n", parent: "p", modified: time, ifMatch: "a1")),
            method: .patch, url: drive + "/items/i",
            headers: [json, HTTPHeader("If-Match", "\"a1\"")],
            json: [
                "name": "n", "parentReference": ["id": "p"],
                "fileSystemInfo": ["lastModifiedDateTime": "2023-11-14T22:13:20Z"],
                "@microsoft.graph.conflictBehavior": "fail",
            ]),
        Row(
            call: .change("i", ItemChange(modified: time)), method: .patch,
            url: drive + "/items/i", headers: [json],
            json: ["fileSystemInfo": ["lastModifiedDateTime": "2023-11-14T22:13:20Z"]]),
        Row(
            call: .delete("i", ifMatch: "W/\"x\""), method: .delete, url: drive + "/items/i",
            headers: [HTTPHeader("If-Match", "W/\"x\"")]),
        Row(call: .delete("i", ifMatch: nil), method: .delete, url: drive + "/items/i"),
        Row(call: .contentLocation("i"), method: .get, url: drive + "/items/i/content"),
        Row(
            call: .thumbnailLocation("i"), method: .get,
            url: drive + "/items/i/thumbnails/0/large/content"),
        Row(
            call: .content(url: session, range: 5..<10, of: PromisedContent(size: 10)),
            method: .get, url: session,
            headers: [HTTPHeader("Range", "bytes=5-9")]),
        Row(
            call: .content(url: session, range: 0..<0, of: PromisedContent(size: 0)), method: .get,
            url: session),
    ]

    @Test("a call is spelled as the documentation says", arguments: rows)
    func spelling(_ row: Row) throws {
        let request = Self.endpoint.request(for: row.call).http
        #expect(request.method == row.method)
        #expect(request.url == row.url)
        #expect(request.headers == row.headers)
        switch request.body {
        case .bytes(let bytes): #expect(try JSONValue(parsing: bytes) == row.json)
        case .none: #expect(row.json == nil)
        case .content: Issue.record("no bytes of a file were asked for")
        }
    }

    @Test("bytes of a file are streamed from its generation")
    func uploads() {
        let generation = GenerationID(rawValue: 9)
        func content(_ offset: Int64, _ count: Int64) -> HTTPBody {
            .content(GenerationSource(generation: 9, offset: offset, count: count))
        }
        let type = HTTPHeader("Content-Type", "application/octet-stream")
        let new = Self.endpoint.request(
            for: .uploadSmall(.new(parent: "p", name: "n"), generation: generation, size: 3)
        ).http
        #expect(
            new
                == HTTPRequest(
                    .put, Self.drive + "/items/p:/n:/content?\(Self.conflict)=fail",
                    headers: [type], body: content(0, 3)))
        let replacing = Self.endpoint.request(
            for: .uploadSmall(.replacing("i", ifMatch: "t"), generation: generation, size: 0)
        ).http
        #expect(
            replacing
                == HTTPRequest(
                    .put, Self.drive + "/items/i/content",
                    headers: [type, HTTPHeader("If-Match", "\"t\"")], body: .none))
        let fragment = Self.endpoint.request(
            for: .fragment(url: Self.session, generation: generation, range: 10..<20, total: 30)
        ).http
        #expect(
            fragment
                == HTTPRequest(
                    .put, Self.session, headers: [HTTPHeader("Content-Range", "bytes 10-19/30")],
                    body: content(10, 10)))
    }

    @Test(
        "the drive is addressed as it was chosen",
        arguments: [
            (DriveAddress.me, "/me/drive"),
            (.drive(DriveID(rawValue: "0123456789abcdef")), "/drives/0123456789abcdef"),
            (.site(SharePointSite(host: "h", path: "/teams/ä")), "/sites/h:/teams/%C3%A4:/drive"),
            (.site(SharePointSite(host: "h", path: "/")), "/sites/h/drive"),
        ])
    func driveAddress(_ address: DriveAddress, _ path: String) {
        let endpoint = GraphEndpoint(graph: "http://127.0.0.1:8080", drive: address)
        #expect(
            endpoint.request(for: .rootItem).http.url == "http://127.0.0.1:8080/v1.0\(path)/root")
    }

    @Test("every request to Graph carries the token")
    func authorization() {
        for row in Self.rows where row.url.hasPrefix("https://graph.microsoft.com/") {
            #expect(Self.endpoint.request(for: row.call).authorization == .bearer)
        }
    }

    @Test(
        "no other host ever sees the token",
        arguments: [
            GraphCall.content(
                url: "https://graph.microsoft.com/x", range: 0..<1, of: PromisedContent(size: 1)),
            .sessionStatus(url: session), .cancelSession(url: session),
            .fragment(url: session, generation: GenerationID(rawValue: 1), range: 0..<1, total: 1),
            .delta(.link("https://graph.microsoft.com.example/v1.0/delta")),
            .delta(.link("https://graph.microsoft.com@evil.example/v1.0/delta")),
            .delta(.link("http://graph.microsoft.com/v1.0/delta")),
            .delta(.link("https://graph.microsoft.com:444/v1.0/delta")),
            .children(.link("https://evil.example/?https://graph.microsoft.com/")),
            .children(.link("not a link")), .delta(.link("")),
        ])
    func foreignHosts(_ call: GraphCall) {
        #expect(Self.endpoint.request(for: call).authorization == .none)
    }
}
