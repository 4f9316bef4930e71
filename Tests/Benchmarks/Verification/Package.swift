// swift-tools-version: 6.2

import PackageDescription

/// As the project's own targets are built.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A package of its own, so that an ordinary build knows nothing of it. Its targets are the project's own
/// sources through links: only a package that holds them may see what they keep for the package.
let package = Package(
  name: "verification",
  targets: [
    .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CivilTime", swiftSettings: settings),
    .target(name: "Sealing", swiftSettings: settings),
    .target(
      name: "Licensing", dependencies: ["CivilTime", "Sealing"], swiftSettings: settings),
    .target(
      name: "Libcrypto", dependencies: ["CLibcrypto", "Sealing"], swiftSettings: settings),
    .executableTarget(
      name: "Verification",
      dependencies: [
        "CLibcrypto", "CivilTime", "Libcrypto", "Licensing", "Sealing",
      ], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
