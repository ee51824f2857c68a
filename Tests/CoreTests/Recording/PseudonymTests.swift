import Core
import GraphSimulator
import Testing

/// What nobody else may see does not get into a recording, and the recording still hangs together.
struct PseudonymTests {
    @Test(
        "texts lose what tells of people",
        arguments: [
            ("mail from bob@corp.example.com.txt", "mail from person-1@example.invalid"),
            ("/personal/a%40corp.com/x", "/personal/person-1%40example.invalid/x"),
            (
                "tenant 72F988BF-86f1-41af-91ab-2d7cd011db47!",
                "tenant 00000000-0000-0000-0000-000000000001!"
            ),
            ("Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30.", "Bearer token-1"),
            ("https on Fabrikam-my.sharepoint.com", "https on tenant-1-my.sharepoint.com"),
            ("a@b, no address; x-y-z; 12:30", "a@b, no address; x-y-z; 12:30"),
            ("ab SECRET-VALUE cd", "ab secret-1 cd"),
        ])
    func texts(text: String, expected: String) {
        var pseudonyms = Pseudonyms(secrets: ["SECRET-VALUE"])
        let result = pseudonyms.text(text)
        #expect(result == expected)
        #expect(pseudonyms.text(result) == result, "a second time changes nothing")
    }

    @Test("addresses keep what a replay goes by")
    func addresses() {
        var pseudonyms = Pseudonyms()
        let graph = "https://graph.microsoft.com/v1.0/me/drive/root/delta"
        #expect(pseudonyms.url("\(graph)?$top=5&token=abc") == "\(graph)?$top=5&token=token-1")
        #expect(pseudonyms.url("\(graph)(token='abc')") == "\(graph)(token='token-1')")
        #expect(pseudonyms.url("\(graph)?token=latest") == "\(graph)?token=latest")
        #expect(
            pseudonyms.url("https://x.sharepoint.com/download?tempauth=1")
                == "https://transfer.invalid/1")
        #expect(
            pseudonyms.url("https://x.sharepoint.com/download?tempauth=1")
                == "https://transfer.invalid/1")
        #expect(
            pseudonyms.url(
                "https://login.microsoftonline.com/corp.com/oauth2/v2.0/authorize?code=5&scope=a")
                == "https://login.microsoftonline.com/tenant-1/oauth2/v2.0/authorize?code=secret-1&scope=a"
        )
    }

    @Test("ids of drives go, also inside other ids and tags")
    func drives() throws {
        var pseudonyms = Pseudonyms()
        let body = """
            {"id":"0ABCDEF012345678!105","eTag":"aMEFCQ0RFRjAxMjM0NTY3OCExMDUuMQ",
             "parentReference":{"driveId":"abcdef012345678","driveType":"personal"}}
            """
        let url =
            "https://graph.microsoft.com/v1.0/drives/0abcdef012345678/items/0ABCDEF012345678%21105"
        let result = pseudonyms.exchange(
            RecordedExchange(
                started: nil, request: RecordedRequest(method: "GET", url: url),
                response: RecordedResponse(status: 200, body: .bytes(Array(body.utf8)))))
        let text = String(decoding: result.response?.body.bytes ?? [], as: UTF8.self)
        #expect(!text.lowercased().contains("abcdef012345678"))
        #expect(!result.request.url.lowercased().contains("abcdef012345678"))
        #expect(text.contains("\"driveId\":\"d000000000000001\""))
        #expect(text.contains("\"id\":\"d000000000000001!105\""))
        #expect(
            result.request.url.hasSuffix("/drives/d000000000000001/items/d000000000000001%21105"))
        let json = try JSONValue(parsing: Array(text.utf8))
        let tag = try #require(json["eTag"]?.string)
        let plain = Base64.decode(tag.dropFirst(), urlSafe: true).map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(plain == "d000000000000001!105.1")
    }

    /// Everything that a service could say of a person or to prove a right.
    @Test("marked secrets are nowhere in a recording")
    func planted() {
        let identity = """
            {"user":{"displayName":"MARK Alice","email":"MARK.alice@corp.com","id":"MARK-7"},
             "application":{"displayName":"MARK App","id":"MARK-8"}}
            """
        let item = """
            {"id":"01A","name":"a.txt","createdBy":\(identity),"lastModifiedBy":\(identity),
             "webUrl":"https://MARK-my.sharepoint.com/personal/MARK_corp_com/a.txt",
             "@microsoft.graph.downloadUrl":"https://MARK.svc.ms/download?tempauth=MARK",
             "sharepointIds":{"tenantId":"MARK","siteUrl":"https://MARK.sharepoint.com"},
             "description":"MARK","shared":{"owner":\(identity),"sharedBy":\(identity)},
             "remoteItem":{"createdBy":\(identity),"webUrl":"https://MARK.com/"}}
            """
        let bodies = [
            item,
            #"{"value":[\#(item)],"@odata.nextLink":"https://graph.microsoft.com/v1.0/me/drive/root/delta?token=MARK"}"#,
            #"{"access_token":"MARK","refresh_token":"MARK","id_token":"MARK","client_info":"MARK"}"#,
            #"{"device_code":"MARK","user_code":"MARK","message":"enter MARK"}"#,
            #"{"uploadUrl":"https://MARK.com/upload?tempauth=MARK"}"#,
            #"{"displayName":"MARK","mail":"MARK@corp.com","userPrincipalName":"MARK@corp.com"}"#,
            "<html>MARK</html>", "MARK as plain text",
        ]
        let headers = [
            HTTPHeader("Authorization", "Bearer MARK"), HTTPHeader("Cookie", "ESTSAUTH=MARK"),
            HTTPHeader("Set-Cookie", "MARK"), HTTPHeader("X-Custom", "MARK"),
            HTTPHeader("Location", "https://MARK.com/?code=MARK"),
            HTTPHeader("WWW-Authenticate", "Bearer realm=MARK"),
        ]
        let urls = [
            "https://graph.microsoft.com/v1.0/me/drive/root?access_token=MARK&tempauth=MARK",
            "https://MARK.sharepoint.com/download?tempauth=MARK",
            "http://localhost:8080/?code=MARK&state=MARK",
            "https://login.microsoftonline.com/MARK/oauth2/v2.0/token?code=MARK",
            "https://graph.microsoft.com/v1.0/sites/MARK.sharepoint.com:/personal/MARK:/drive",
        ]
        var pseudonyms = Pseudonyms()
        for url in urls {
            for body in bodies {
                let form = "client_secret=MARK&code=MARK&refresh_token=MARK&cookie=MARK"
                let result = pseudonyms.exchange(
                    RecordedExchange(
                        started: nil,
                        request: RecordedRequest(
                            method: "POST", url: url,
                            headers: headers + [
                                HTTPHeader("Content-Type", "application/x-www-form-urlencoded")
                            ], body: .bytes(Array(form.utf8))),
                        response: RecordedResponse(
                            status: 200, headers: headers, body: .bytes(Array(body.utf8)))))
                let text = String(decoding: HTTPArchive(entries: [result]).bytes, as: UTF8.self)
                #expect(!text.lowercased().contains("mark"), "\(text)")
            }
        }
    }
}
