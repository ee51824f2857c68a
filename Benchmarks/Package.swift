// swift-tools-version: 6.2
import PackageDescription

// Measurements, apart from the product so that what they need stays out of it. Built in release
// mode, for example: swift build -c release --package-path Benchmarks --product BareFuse
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "onedrive", path: "..")],
    targets: [
        .systemLibrary(name: "Fuse3", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
        .executableTarget(name: "BareFuse", dependencies: ["Fuse3"]),
    ]
)
