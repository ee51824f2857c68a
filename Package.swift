// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target of ours.
///
/// Warnings are errors in CI (which sets `CI`), so that a newer compiler's new warning never keeps
/// a user from building.
let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

let package = Package(
    name: "onedrive",
    products: [
        .executable(name: "onedrive", targets: ["onedrive"]),
        .library(name: "Core", targets: ["Core"]),
        .library(name: "Shell", targets: ["Shell"]),
        .library(name: "GraphSimulator", targets: ["GraphSimulator"]),
        .library(name: "GraphSimulatorHost", targets: ["GraphSimulatorHost"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CFuse3", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "Core", swiftSettings: settings),
        .target(
            name: "Shell",
            dependencies: [
                "Core", "CFuse3", "CCurl", "CLinux", "CYAML",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        // Plays scripts of locks by real processes for the tests; C, since Swift cannot fork.
        .executableTarget(name: "LockScripts", path: "Tests/LockScripts"),
        .target(name: "GraphSimulator", dependencies: ["Core"], swiftSettings: settings),
        .target(
            name: "GraphSimulatorHost",
            dependencies: [
                "GraphSimulator", "Core",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "onedrive",
            dependencies: [
                "Core", "Shell", "GraphSimulator", "GraphSimulatorHost",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "PlannerProof", dependencies: ["Core"], path: "Tests/PlannerProof",
            swiftSettings: settings),
        .executableTarget(
            name: "planner-proof", dependencies: ["Core", "PlannerProof"],
            path: "Tests/PlannerProofTool", swiftSettings: settings),
        .target(
            name: "Simulation", dependencies: ["Core", "GraphSimulator"],
            path: "Tests/Simulation", swiftSettings: settings),
        .executableTarget(
            name: "simulation", dependencies: ["Simulation"], path: "Tests/SimulationRunner",
            swiftSettings: settings),
        .testTarget(
            name: "CoreTests",
            dependencies: ["Core", "GraphSimulator", "PlannerProof", "Simulation"],
            swiftSettings: settings),
        .testTarget(
            name: "ShellTests",
            dependencies: [
                "Core", "Shell", "GraphSimulator", "GraphSimulatorHost",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
    ]
)
