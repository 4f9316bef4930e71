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
  name: "counting",
  targets: [
    .target(name: "CivilTime", swiftSettings: settings),
    .target(name: "Sealing", swiftSettings: settings),
    .target(name: "Metering", dependencies: ["CivilTime", "Sealing"], swiftSettings: settings),
    .target(name: "CBareTable", cSettings: [.unsafeFlags(["-O3"])]),
    .executableTarget(
      name: "Counting", dependencies: ["CBareTable", "CivilTime", "Metering", "Sealing"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
