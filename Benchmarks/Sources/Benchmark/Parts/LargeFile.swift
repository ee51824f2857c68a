import Foundation

/// The same large file on every side, all its bytes here.
struct LargeFile {
    let product: Product
    /// On ext4.
    let plain: String
    /// Name and path, the product first.
    let sides: [(name: String, path: String)]

    init(on stage: Stage, size: Int) throws {
        let buffer = Files.buffer(1 << 20)
        defer { buffer.deallocate() }
        let simulator = try Simulator(on: stage)
        // It need not go up while it is read.
        product = try Product(on: stage, simulator, settings: ["upload_delay: 1h"])
        try product.start()
        try product.settle()
        try Files.write(product.mount + "/large", size: size, buffer)
        // Pages that were written are kept in another way than those that were read.
        try Files.dropPages(product.mount + "/large")
        plain = try stage.makeDirectory("plain") + "/large"
        try Files.write(plain, size: size, buffer)
        let bare = try BareFuse(on: stage, ["--files", "0", "--large", plain])
        sides = [
            ("onedrive", product.mount + "/large"), ("bare FUSE", bare.mount + "/large"),
            ("ext4", plain),
        ]
    }

    /// Whether the kernel lets this user hand content files to it.
    var mayPassThrough: Bool { geteuid() == 0 }

    /// Makes the kernel forget all pages, of the mounts and of the files below.
    func dropEverything() throws {
        for path in sides.map(\.path) + product.contentFiles { try Files.dropPages(path) }
    }
}
