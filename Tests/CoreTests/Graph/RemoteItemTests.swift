import Core
import Testing

struct RemoteItemTests {
    static func item(_ json: String) -> RemoteItem? {
        guard case .item(let item) = GraphAnswer(to: .rootItem, HTTPResponse(200, json)) else {
            return nil
        }
        return item
    }

    @Test("a page of a Personal drive")
    func personalPage() throws {
        let page = try #require(try GraphSample.page("composed-delta-personal"))
        let drive = DriveID(rawValue: "0123456789abcdef")
        let root: ItemID = "0123456789ABCDEF!sea8cc6beffdb43d7976fbc7da445c639"
        #expect(
            page.end
                == .complete(
                    "https://graph.microsoft.com/v1.0/drives/0123456789abcdef/root/delta?token=OPAQUE2"
                ))
        #expect(
            page.items[0]
                == RemoteItem(
                    id: root, name: "root", drive: drive, kind: .directory,
                    modified: Timestamp(rfc3339: "2020-01-01T00:00:00Z"),
                    created: Timestamp(rfc3339: "2020-01-01T00:00:00Z"), childCount: 2,
                    isRoot: true))
        let file = page.items[2]
        #expect(file.kind == .file && file.size == 11 && file.name == "hello.txt")
        #expect(file.hash == QuickXorHash.hash(of: Array("hello world".utf8)))
        #expect(file.eTag == "\"{22222222-2222-2222-2222-222222222222},4\"")
        #expect(file.cTag == "\"c:{22222222-2222-2222-2222-222222222222},2\"")
        #expect(file.parent == page.items[1].id && page.items[1].parent == root)
        #expect(file.modified == Timestamp(rfc3339: "2026-01-10T09:01:02Z"))
        #expect(file.downloadURL?.contains("tempauth=OPAQUE") == true)
        let gone = page.items[3]
        #expect(gone.isDeleted && gone.hash == nil && gone.size == nil && gone.name == "gone.txt")
    }

    @Test("a page of a Business drive")
    func businessPage() throws {
        let page = try #require(try GraphSample.page("composed-delta-business"))
        guard case .more(let link) = page.end else { throw Unexpected() }
        #expect(link.hasSuffix("/root/delta?token=OPAQUE3"))
        #expect(page.items.map(\.isRoot) == [true, false, false])
        #expect(page.items[0].parent == nil && page.items[0].eTag == nil)
        #expect(page.items[1].cTag == nil && page.items[1].size == 24_210)
        #expect(page.items[1].parent == page.items[0].id)
        #expect(page.items[1].modified == Timestamp(rfc3339: "2026-01-15T09:59:00Z"))
        let gone = page.items[2]
        #expect(gone.isDeleted && gone.name == nil && gone.kind == .file && gone.hash == nil)
    }

    @Test(
        "what an item is follows from its facets",
        arguments: [
            (#"{"id":"i","file":{}}"#, RemoteKind.file),
            (#"{"id":"i","folder":{"childCount":1}}"#, .directory),
            (#"{"id":"i","root":{}}"#, .directory),
            (#"{"id":"i","package":{"type":"oneNote"}}"#, .package),
            (#"{"id":"i","folder":{},"package":{"type":"oneNote"}}"#, .package),
            (#"{"id":"i"}"#, .other),
            (#"{"id":"i","file":null,"folder":null}"#, .other),
            (#"{"id":"i","bundle":{}}"#, .other),
            (
                #"{"id":"i","remoteItem":{"id":"ab!1","parentReference":{"driveId":"ABC"}}}"#,
                .shortcut(drive: DriveID(rawValue: "0000000000000abc"), item: "AB!1", isFile: false)
            ),
            (
                #"{"id":"i","folder":{},"remoteItem":{"id":"t"}}"#,
                .shortcut(drive: nil, item: "t", isFile: false)
            ),
            (#"{"id":"i","remoteItem":{"folder":{}}}"#, .other),
        ] as [(String, RemoteKind)])
    func kinds(_ json: String, _ kind: RemoteKind) {
        #expect(Self.item(json)?.kind == kind)
    }

    @Test("only files, directories and packages become nodes")
    func nodeKinds() {
        let kinds: [(RemoteKind, Kind?)] = [
            (.file, .file), (.directory, .directory), (.package, .package), (.other, nil),
            (.shortcut(drive: nil, item: "t", isFile: false), nil),
        ]
        for (kind, node) in kinds {
            #expect(RemoteItem(id: "i", kind: kind).nodeKind == node)
        }
    }

    @Test(
        "the time of the client counts, then that of the service, and only what can be true",
        arguments: [
            (
                #""fileSystemInfo":{"lastModifiedDateTime":"2020-01-01T00:00:00Z"},"lastModifiedDateTime":"2021-01-01T00:00:00Z""#,
                "2020-01-01T00:00:00Z"
            ),
            (#""lastModifiedDateTime":"2021-01-01T00:00:00Z""#, "2021-01-01T00:00:00Z"),
            (
                #""fileSystemInfo":{"lastModifiedDateTime":"0001-01-01T00:00:00Z"},"lastModifiedDateTime":"2021-01-01T00:00:00Z""#,
                "2021-01-01T00:00:00Z"
            ),
            (#""lastModifiedDateTime":"0001-01-01T00:00:00-08:00""#, nil),
            (#""lastModifiedDateTime":null"#, nil), (#""lastModifiedDateTime":"yesterday""#, nil),
            (#""lastModifiedDateTime":5"#, nil), (#""fileSystemInfo":{}"#, nil),
            (#""lastModifiedDateTime":"2015-06-25T15:26:23.0766667Z""#, "2015-06-25T15:26:23Z"),
            (
                #""remoteItem":{"id":"t","fileSystemInfo":{"lastModifiedDateTime":"2019-01-01T00:00:00Z"}}"#,
                "2019-01-01T00:00:00Z"
            ),
        ] as [(String, String?)])
    func times(_ members: String, _ expected: String?) throws {
        let item = try #require(Self.item(#"{"id":"i",\#(members)}"#))
        #expect(item.modified?.truncatedToSecond == expected.flatMap(Timestamp.init(rfc3339:)))
    }

    @Test(
        "hashes that mean nothing are left out, and files without bytes have theirs",
        arguments: [
            (#""size":0,"file":{}"#, QuickXorHash.empty.base64),
            (
                #""size":0,"file":{"hashes":{"quickXorHash":"YQAAAAAAAAAAAAAAAQAAAAAAAAA="}}"#,
                QuickXorHash.empty.base64
            ),
            (
                #""size":1,"file":{"hashes":{"quickXorHash":"YQAAAAAAAAAAAAAAAQAAAAAAAAA="}}"#,
                "YQAAAAAAAAAAAAAAAQAAAAAAAAA="
            ),
            (
                #""size":1,"file":{"hashes":{"quickXorHash":"6100000000000000000000000100000000000000"}}"#,
                "YQAAAAAAAAAAAAAAAQAAAAAAAAA="
            ),
            (#""size":5,"file":{"hashes":{"quickXorHash":"AAAAAAAAAAAAAAAAAAAAAAAAAAA="}}"#, nil),
            (#""size":5,"file":{"hashes":{"quickXorHash":"aGFzaHZhbHVl"}}"#, nil),
            (#""size":5,"file":{"hashes":{"sha1Hash":"AA"}}"#, nil),
            (#""size":5,"file":{"hashes":null}"#, nil), (#""size":5,"file":{}"#, nil),
            (#""file":{}"#, nil), (#""size":0,"folder":{}"#, nil),
            (#""size":0,"file":{},"deleted":{}"#, nil),
        ] as [(String, String?)])
    func hashes(_ members: String, _ expected: String?) throws {
        let item = try #require(Self.item(#"{"id":"i",\#(members)}"#))
        #expect(item.hash?.base64 == expected)
    }

    @Test(
        "sizes are those of files, and never negative",
        arguments: [
            (#""size":5,"file":{}"#, 5), (#""size":"5","file":{}"#, 5),
            (#""size":-5,"file":{}"#, nil), (#""size":5.5,"file":{}"#, nil), (#""file":{}"#, nil),
            (#""size":5,"folder":{}"#, nil), (#""size":9223372036854775807,"file":{}"#, .max),
            (#""size":9223372036854775808,"file":{}"#, nil),
        ] as [(String, Int64?)])
    func sizes(_ members: String, _ expected: Int64?) throws {
        #expect(try #require(Self.item(#"{"id":"i",\#(members)}"#)).size == expected)
    }

    @Test(
        "ids have one form",
        arguments: [
            ("0123456789abcdef!s11aa", "0123456789ABCDEF!s11aa"), ("ABC!105", "ABC!105"),
            ("12345abcde!1221", "12345ABCDE!1221"), ("01ABCDEFAAAA2", "01ABCDEFAAAA2"),
            ("b!abc", "b!abc"), ("xyz!1", "xyz!1"), ("abc", "abc"), ("!a", "!a"), ("a", "a"),
            ("aaaaaaaaaaaaaaaaa!1", "aaaaaaaaaaaaaaaaa!1"),
        ])
    func ids(_ received: String, _ id: String) throws {
        #expect(try #require(Self.item(#"{"id":"\#(received)"}"#)).id.rawValue == id)
    }

    @Test("drives of Personal accounts have one form, and neighbours share theirs")
    func drives() throws {
        let json = #"""
            {"value":[
              {"id":"a","parentReference":{"driveId":"ABCDEF","id":"P!1"}},
              {"id":"b","parentReference":{"driveId":"ABCDEF","id":"P!1"}},
              {"id":"c","parentReference":{"driveId":"000abcdef","id":"q"}},
              {"id":"d","parentReference":{"driveId":"b!Xy","id":"P!1"}},
              {"id":"e","parentReference":{}}, {"name":"nameless"}, 7, null
            ],"@odata.nextLink":"l"}
            """#
        guard
            case .listing(let listing) = GraphAnswer(
                to: .children(.firstOfRoot), HTTPResponse(200, json))
        else { throw Unexpected() }
        #expect(listing.next == "l")
        #expect(listing.items.map(\.id.rawValue) == ["a", "b", "c", "d", "e"])
        let personal = DriveID(rawValue: "0000000000abcdef")
        #expect(
            listing.items.map(\.drive)
                == [personal, personal, personal, DriveID(rawValue: "b!Xy"), nil])
        #expect(listing.items.map(\.parent) == ["P!1", "P!1", "q", "P!1", nil])
    }

    @Test(
        "items that were seen are understood",
        arguments: [
            ("issue-root-business", RemoteKind.directory), ("item-root-business", .directory),
            ("issue-tombstone-business", .other), ("issue-tombstone-personal-bug", .file),
            ("issue-tombstone-year-0001", .other), ("issue-folder-personal-shared", .directory),
            ("issue-personal-vault", .other), ("issue-delta-node-foreign-drive", .directory),
            (
                "fixture-shortcut-placeholder",
                .shortcut(
                    drive: DriveID(rawValue: "owner-drive"), item: "owner-folder", isFile: false)
            ),
            (
                "shortcut-placeholder",
                .shortcut(
                    drive: DriveID(rawValue: "00000012345abcde"), item: "12345ABCDE!1221",
                    isFile: false)
            ),
            ("composed-onenote-notebook-business", .package),
            ("fixture-item-file-etag", .file), ("item-file-personal-overview", .file),
            ("folder-create-201", .directory), ("upload-small-201", .file),
            ("item-move-patch", .other),
        ] as [(String, RemoteKind)])
    func samples(_ sample: String, _ kind: RemoteKind) throws {
        let item = try #require(try GraphSample.item(sample))
        #expect(item.kind == kind)
        #expect(item.isDeleted == (sample.contains("tombstone") && !sample.contains("bug")))
        #expect(item.isRoot == sample.contains("root"))
    }

    @Test("a name is taken as it is")
    func names() throws {
        let encoded = try GraphSample.item("fixture-item-urlencoded-name")
        #expect(encoded?.name == "Quarterly%20Report%20%231.pdf")
        #expect(Self.item(#"{"id":"i","name":"../a/\u0000b"}"#)?.name == "../a/\u{0}b")
        #expect(Self.item(#"{"id":"i","name":""}"#)?.name == nil)
        #expect(Self.item(#"{"id":"i","name":"a","name":"b"}"#)?.name == "b")
    }

    @Test(
        "tags that could break a header field are none", arguments: ["a\\r\\nX: y", "", "\\u00e9"])
    func tags(_ tag: String) throws {
        let item = try #require(Self.item(#"{"id":"i","eTag":"\#(tag)","cTag":"\#(tag)"}"#))
        #expect(item.eTag == nil && item.cTag == nil)
    }
}

/// Thrown where an answer is of another sort than the test is about.
struct Unexpected: Error {}

/// Ids from the service never pose as items of another drive.
struct ForeignItemTests {
    @Test func anIDCarriesItsDrive() {
        let item = ItemID("X!1", in: DriveID(rawValue: "b!y"))
        #expect(item.foreignDrive == DriveID(rawValue: "b!y"))
        #expect(item.withinDrive == "X!1")
        #expect(ItemID(rawValue: "../../me").foreignDrive == nil)
        #expect(ItemID(rawValue: "../../me").withinDrive == "../../me")
    }

    @Test("An id that would name another drive is refused", arguments: ["b!y|X", "|", "X|"])
    func hostileIDs(id: String) throws {
        let body = #"{"value":[{"id":"\#(id)","name":"n","file":{}}],"@odata.deltaLink":"l"}"#
        let answer = GraphAnswer(
            to: .delta(.initial), HTTPResponse(status: 200, headers: [], body: Array(body.utf8)))
        #expect(answer == .page(RemotePage(items: [], end: .complete("l"))))
    }
}
