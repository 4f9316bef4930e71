// swift-tools-version: 6.2

import PackageDescription

/// As the project's own targets are built.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A package of its own, so that an ordinary build knows nothing of it. Its targets are the project's own
/// sources through links: the bare route runs on the gateway's own server.
let package = Package(
  name: "reports",
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(name: "CivilTime", swiftSettings: settings),
    .target(name: "Sealing", swiftSettings: settings),
    .target(
      name: "Libcrypto", dependencies: ["CLibcrypto", "Sealing"], swiftSettings: settings),
    .target(name: "Platform", dependencies: ["CLinux", "CivilTime"], swiftSettings: settings),
    .target(name: "Reporting", dependencies: ["Sealing"], swiftSettings: settings),
    .target(
      name: "Serving",
      dependencies: [
        "Libcrypto", "Platform", "Reporting", "Sealing",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ], swiftSettings: settings),
    .target(name: "CBareSignature", linkerSettings: [.linkedLibrary("crypto")]),
    .executableTarget(
      name: "Bare",
      dependencies: [
        "CBareSignature", "Serving",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
      ], swiftSettings: settings),
    .executableTarget(name: "Load", cSettings: [.define("_GNU_SOURCE")]),
  ],
  swiftLanguageModes: [.v6]
)
