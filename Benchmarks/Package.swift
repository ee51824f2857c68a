// swift-tools-version: 6.2
import PackageDescription

// Measurements, apart from the product so that what they need stays out of it. Built in release
// mode by Benchmarks/run.
let package = Package(
    name: "Benchmarks",
    targets: [
        .systemLibrary(name: "Fuse3", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
        .executableTarget(name: "BareFuse", dependencies: ["Fuse3"]),
        .executableTarget(
            name: "Benchmark", swiftSettings: [.swiftLanguageMode(.v6)]),
    ]
)
