import Core
import Testing

@Suite struct FileURITests {
    @Test(
        "addresses are spelled as g_filename_to_uri of GLib 2 spells them",
        arguments: [
            ("/", "file:///"),
            ("/a b/é%[x].jpg", "file:///a%20b/%C3%A9%25%5Bx%5D.jpg"),
            ("/\"#;<>?\\^`{|}\n\u{7F}", "file:///%22%23%3B%3C%3E%3F%5C%5E%60%7B%7C%7D%0A%7F"),
            ("/!$&'()*+,-.0123456789:=@AZ_az~", "file:///!$&'()*+,-.0123456789:=@AZ_az~"),
        ])
    func spelling(path: String, uri: String) {
        #expect(FileURI(path: path).text == uri)
    }
}
