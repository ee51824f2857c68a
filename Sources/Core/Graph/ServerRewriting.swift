/// Files whose bytes the service changes as it takes them.
package enum ServerRewriting {
    /// Whether other bytes than those sent are to be expected of a file.
    ///
    /// SharePoint writes the properties of a library into Office, PDF and HTML files and labels into
    /// protected ones (onedrive-api-docs#935); Personal drives convert pictures of phones.
    package static func isExpected(of name: Name, on kind: DriveKind?) -> Bool {
        guard let text = name.utf8String, let dot = text.lastIndex(of: ".") else { return false }
        let ending = text[text.index(after: dot)...].lowercased()
        return switch kind {
        case .personal: pictures.contains(ending)
        case .business, .documentLibrary, nil: documents.contains(ending)
        }
    }

    private static let pictures: Set = ["heic", "heif"]

    private static let documents: Set = [
        "doc", "docm", "docx", "dot", "dotm", "dotx", "xls", "xlsb", "xlsm", "xlsx", "xlt", "xltm",
        "xltx", "pot", "potm", "potx", "pps", "ppsm", "ppsx", "ppt", "pptm", "pptx", "pub", "vsd",
        "vsdm", "vsdx", "mpp", "one", "pdf", "htm", "html", "aspx", "mht", "mhtml", "xml", "xsn",
        "msg", "pfile", "ppdf", "ptxt", "pxml", "pjpg", "ppng",
    ]
}
