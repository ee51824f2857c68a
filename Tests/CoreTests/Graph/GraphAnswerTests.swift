import GraphSimulator
import Core
import Testing

struct GraphAnswerTests {
    static let change = GraphCall.change("i", ItemChange(name: "n"))
    static let create = GraphCall.createDirectory(parent: "p", name: "n")
    static let upload = GraphCall.uploadSmall(
        .new(parent: "p", name: "n"), generation: GenerationID(rawValue: 1), size: 1)
    static let open = GraphCall.createSession(
        .new(parent: "p", name: "n"), size: 9, modified: .epoch)
    static let status = GraphCall.sessionStatus(url: "https://up.example/s")
    static let fragment = GraphCall.fragment(
        url: "https://up.example/s", generation: GenerationID(rawValue: 1), range: 20..<30,
        total: 99)
    static let content = GraphCall.content(
        url: "https://down.example/c", range: 100..<200, of: PromisedContent(size: 500))

    static func kind(of answer: GraphAnswer) -> GraphFailure.Kind? {
        guard case .failure(let failure) = answer else { return nil }
        return failure.kind
    }

    static func isUnreadable(_ answer: GraphAnswer) -> Bool { kind(of: answer) == .unreadable }

    @Test("pages say whether there is more")
    func pages() throws {
        #expect(
            try GraphSample.page("delta-token-latest")
                == RemotePage(
                    items: [],
                    end: .complete(
                        "https://graph.microsoft.com/v1.0/me/drive/root/delta?token=1230919asd190410jlka"
                    )))
        let initial = try #require(try GraphSample.page("delta-initial-page"))
        #expect(
            initial.end
                == .more(
                    "https://graph.microsoft.com/v1.0/me/drive/delta(token=1230919asd190410jlka)"))
        #expect(initial.items.map(\.isDeleted) == [false, false, true])
        let package = try #require(try GraphSample.page("fixture-delta-package"))
        #expect(package.items.map(\.kind) == [.file, .package])
        let listing = try GraphAnswer(
            to: .children(.firstOfRoot), GraphSample.response("children-list-nextlink"))
        #expect(listing == .listing(RemoteListing(items: [], next: "https://...")))
    }

    @Test(
        "a page that does not say whether it is the last is none",
        arguments: [
            #"{"value":[]}"#, #"{"@odata.deltaLink":"x"}"#, #"{"value":{},"@odata.nextLink":"x"}"#,
            #"{"value":[],"@odata.nextLink":""}"#, #"{"value":[],"@odata.deltaLink":7}"#, "[]", "7",
            "", #"{"value":[],"@odata.deltaLink":"x""#,
        ])
    func brokenPages(_ body: String) {
        #expect(Self.isUnreadable(GraphAnswer(to: .delta(.initial), HTTPResponse(200, body))))
    }

    @Test("a page with both links goes on")
    func bothLinks() {
        let body = #"{"value":[],"@odata.deltaLink":"d","@odata.nextLink":"n"}"#
        #expect(
            GraphAnswer(to: .delta(.initial), HTTPResponse(200, body))
                == .page(RemotePage(items: [], end: .more("n"))))
    }

    @Test("a listing is complete without a link")
    func lastListing() {
        #expect(
            GraphAnswer(to: .children(.first("i")), HTTPResponse(200, #"{"value":[]}"#))
                == .listing(RemoteListing(items: [], next: nil)))
    }

    @Test(
        "a drive and its space",
        arguments: [
            (
                "drive-get-business", Core.DriveKind.business,
                Quota(
                    total: 1_099_511_627_776, used: 64_274_237, remaining: 1_099_447_353_539)
            ),
            ("issue-drive-no-quota", .business, nil),
        ] as [(String, Core.DriveKind, Quota?)])
    func drives(_ sample: String, _ kind: Core.DriveKind, _ quota: Quota?) throws {
        guard case .drive(let drive) = try GraphAnswer(to: .drive, GraphSample.response(sample))
        else { throw Unexpected() }
        #expect(drive.kind == kind && drive.quota == quota && drive.id.rawValue.hasPrefix("b!"))
    }

    @Test(
        "space that is unknown is not full",
        arguments: [
            (
                #"{"total":100,"used":40,"remaining":60}"#,
                Quota(total: 100, used: 40, remaining: 60)
            ),
            (#"{"total":100,"remaining":60}"#, Quota(total: 100, used: 40, remaining: 60)),
            (#"{"total":100,"used":40}"#, Quota(total: 100, used: 40, remaining: 60)),
            (
                #"{"total":100,"used":40,"remaining":-3}"#,
                Quota(total: 100, used: 40, remaining: 60)
            ),
            (#"{"total":"100","remaining":"60"}"#, Quota(total: 100, used: 40, remaining: 60)),
            (#"{"total":100,"used":140,"remaining":-40}"#, Quota(total: 100, used: 140)),
            (#"{"total":100,"remaining":0}"#, Quota(total: 100, used: 100, remaining: 0)),
            (#"{"total":100}"#, Quota(total: 100)),
            (#"{"total":0,"used":0,"remaining":0,"deleted":0}"#, nil), ("{}", nil), ("null", nil),
        ] as [(String, Quota?)])
    func quotas(_ quota: String, _ expected: Quota?) {
        let body = #"{"id":"d","driveType":"mystery","quota":\#(quota)}"#
        #expect(
            GraphAnswer(to: .drive, HTTPResponse(200, body))
                == .drive(
                    DriveInformation(id: DriveID(rawValue: "000000000000000d"), quota: expected)))
    }

    @Test("the libraries of a site")
    func libraries() throws {
        let call = GraphCall.libraries(of: SharePointSite(host: "h", path: ""))
        guard
            case .drives(let drives) = try GraphAnswer(
                to: call, GraphSample.response("drives-list-site"))
        else { throw Unexpected() }
        #expect(drives.map(\.name) == ["Shared Documents", "Contoso Project Files"])
        #expect(drives.allSatisfy { $0.kind == .documentLibrary })
    }

    @Test("a success without a body is a success", arguments: [change, create, upload, fragment])
    func emptyBodies(_ call: GraphCall) {
        #expect(GraphAnswer(to: call, HTTPResponse(204)) == .done)
        #expect(GraphAnswer(to: call, HTTPResponse(201)) == .done)
    }

    @Test(
        "an answer without what it should hold is unreadable",
        arguments: [
            GraphCall.item("i"), .rootItem, .drive, open, status, change,
            .child(of: "p", named: "n"), .children(.firstOfRoot),
        ])
    func unreadable(_ call: GraphCall) {
        for body in ["{}", "[", "nonsense", #"{"id":7,"uploadUrl":"","nextExpectedRanges":[]}"#] {
            #expect(Self.isUnreadable(GraphAnswer(to: call, HTTPResponse(200, body))))
        }
    }

    @Test("removals and given-up sessions need no answer")
    func done() throws {
        let cancelled = try GraphSample.response("upload-session-cancel-204")
        #expect(
            GraphAnswer(to: .cancelSession(url: "https://up.example/s"), cancelled) == .done)
        #expect(GraphAnswer(to: .delete("i", ifMatch: nil), HTTPResponse(204)) == .done)
    }

    @Test(
        "a path that led to another item led nowhere",
        arguments: [
            ("report.txt", "report.txt", true), ("report.txt", "REPORT.TXT", true),
            ("caf\u{E9}", "cafe\u{301}", true), ("a b", "a%20b", true),
            ("report.txt", "report", false), ("a", "b", false),
        ])
    func childNames(_ asked: String, _ found: String, _ isIt: Bool) {
        let answer = GraphAnswer(
            to: .child(of: "p", named: asked),
            HTTPResponse(200, #"{"id":"i","name":"\#(found)","file":{}}"#))
        if isIt {
            #expect(answer == .item(RemoteItem(id: "i", name: found, kind: .file)))
        } else {
            guard case .failure(let failure) = answer else {
                Issue.record("another item was accepted")
                return
            }
            #expect(failure.kind == .notFound)
        }
    }

    @Test(
        "upload sessions say where to go on",
        arguments: [
            ("upload-session-create-personal", open, nil),
            ("upload-session-fragment-202", fragment, 26),
            ("upload-session-fragment-202-gaps", fragment, 12_345),
            ("issue-upload-202-closed-range", fragment, 5_242_880),
            ("upload-session-status", status, 12_345),
            ("issue-upload-status-unaligned", status, 1_325_399_232),
        ] as [(String, GraphCall, Int64?)])
    func sessions(_ sample: String, _ call: GraphCall, _ offset: Int64?) throws {
        let answer = try GraphAnswer(to: call, GraphSample.response(sample))
        guard let offset else {
            #expect(
                answer
                    == .session(
                        UploadSession(
                            url: "https://sn3302.up.1drv.com/up/fe6987415ace7X4e1eF866337",
                            expires: Timestamp(rfc3339: "2015-01-29T09:21:55.523Z"))))
            return
        }
        #expect(answer == .progress(offset))
    }

    @Test("a fragment that is taken without a word is taken as a whole")
    func silentFragments() {
        #expect(GraphAnswer(to: Self.fragment, HTTPResponse(202)) == .progress(30))
        #expect(GraphAnswer(to: Self.fragment, HTTPResponse(202, "{}")) == .progress(30))
    }

    @Test("the last fragment brings the item")
    func lastFragment() throws {
        let answer = try GraphAnswer(
            to: Self.fragment, GraphSample.response("upload-session-complete-201"))
        #expect(
            answer
                == .item(
                    RemoteItem(id: "912310013A123", name: "largefile.vhd", kind: .file, size: 128)))
    }

    @Test(
        "the address of bytes is in the header",
        arguments: [.contentLocation("i"), .thumbnailLocation("i")] as [GraphCall])
    func location(_ call: GraphCall) throws {
        let response = try GraphSample.response("download-302")
        #expect(
            GraphAnswer(to: call, response)
                == .location(
                    "https://b0mpua-by3301.files.1drv.com/y23vmagahszhxzlcvhasdhasghasodfi"))
        #expect(Self.isUnreadable(GraphAnswer(to: call, HTTPResponse(302))))
        #expect(Self.isUnreadable(GraphAnswer(to: call, HTTPResponse(200))))
    }

    @Test(
        "content says which bytes it is",
        arguments: [
            (
                206, ["Content-Range": "bytes 100-199/500"],
                ContentPart(start: 100, count: 100, total: 500)
            ),
            (
                206, ["Content-Range": "bytes 100-149/*"],
                ContentPart(start: 100, count: 50, total: nil)
            ),
            (200, ["Content-Length": "500"], ContentPart(start: 0, count: 500, total: 500)),
            (
                206, ["Content-Range": "bytes 0-499/500"],
                ContentPart(start: 0, count: 500, total: 500)
            ),
            (
                206, ["Content-Range": "bytes 100-199/500", "Content-Length": "100"],
                ContentPart(start: 100, count: 100, total: 500)
            ),
            (200, [:], nil), (200, ["Content-Length": "500", "Content-Type": "text/html"], nil),
            (200, ["Content-Length": "500", "Content-Encoding": "gzip"], nil),
            (206, ["Content-Range": "bytes 100-199/500", "Content-Length": "60"], nil),
            (206, ["Content-Range": "bytes 100-200/500"], nil),
            (206, ["Content-Range": "bytes 101-199/500"], nil),
            (206, ["Content-Range": "bytes 0-99/500"], nil), (206, [:], nil),
            (206, ["Content-Range": "bytes 100-199/150"], nil),
            (206, ["Content-Range": "bytes 199-100/500"], nil),
            (206, ["Content-Range": "bytes 100-199"], nil),
            (206, ["Content-Range": "bytes */500"], nil),
            (206, ["Content-Range": "bytes -5-199/500"], nil),
            (206, ["Content-Range": "items 100-199/500"], nil),
            (204, [:], nil),
        ] as [(Int, [String: String], ContentPart?)])
    func contentParts(_ status: Int, _ headers: [String: String], _ part: ContentPart?) {
        let answer = GraphAnswer(to: Self.content, HTTPResponse(status, "", headers))
        if let part {
            #expect(answer == .content(part))
        } else if headers["Content-Type"] == "text/html" {
            #expect(Self.kind(of: answer) == .notGraph)
        } else {
            #expect(Self.isUnreadable(answer))
        }
    }

    @Test(
        "content is what the item promised, or is not stored",
        arguments: [
            (PromisedContent(size: 500), true), (PromisedContent(size: 499), false),
            (PromisedContent(size: 499, servedSize: 500), true),
            (PromisedContent(size: 500, tag: "t"), true),
            (PromisedContent(size: 500, tag: "other"), false),
        ], [206, 200])
    func promises(_ row: (promised: PromisedContent, isKept: Bool), status: Int) {
        let part = ContentPart(
            start: status == 206 ? 100 : 0, count: status == 206 ? 100 : 500, total: 500, tag: "t")
        let call = GraphCall.content(
            url: "https://down.example/c", range: 100..<200, of: row.promised)
        var headers = ["ETag": "\"t\"", "Content-Length": status == 206 ? "100" : "500"]
        if status == 206 { headers["Content-Range"] = "bytes 100-199/500" }
        #expect(
            GraphAnswer(to: call, HTTPResponse(status, "", headers))
                == (row.isKept ? .content(part) : .otherContent(part)))
    }

    @Test("a web page is the content of a web page only")
    func webPages() {
        let headers = ["Content-Type": "text/html; charset=utf-8", "Content-Length": "500"]
        let names = [("a.html", true), ("A.HTM", true), ("a.docx", false), ("html", false)]
        for (name, isPage) in names {
            let promised = PromisedContent(
                size: 500, isWebPage: Name(name).map(PromisedContent.isWebPage) ?? false)
            let call = GraphCall.content(
                url: "https://down.example/c", range: 0..<500, of: promised)
            let answer = GraphAnswer(to: call, HTTPResponse(200, "", headers))
            #expect((Self.kind(of: answer) == .notGraph) != isPage, "\(name)")
        }
    }

    @Test("damaged answers are refused or read, and never crash")
    func damage() throws {
        let calls = [
            GraphCall.delta(.initial), .children(.firstOfRoot), .item("i"), .drive, Self.open,
            Self.fragment, Self.status, Self.create,
        ]
        var random = SplitMix64(seed: 11)
        for sample in ["composed-delta-personal", "composed-delta-business", "drive-get-business"] {
            let whole = try GraphSample.response(sample)
            for length in stride(from: 1, to: whole.body.count, by: 7) {
                var cut = whole
                cut.body = Array(whole.body.prefix(length))
                for call in calls {
                    #expect(Self.isUnreadable(GraphAnswer(to: call, cut)), "cut at \(length)")
                }
            }
            for _ in 0..<500 {
                var damaged = whole
                let place = Int.random(in: 0..<whole.body.count, using: &random)
                damaged.body[place] = UInt8.random(in: 0...255, using: &random)
                for call in calls {
                    guard case .page(let page) = GraphAnswer(to: call, damaged) else { continue }
                    #expect(page.items.allSatisfy { $0.size ?? 0 >= 0 && !$0.id.rawValue.isEmpty })
                }
            }
        }
    }
}
