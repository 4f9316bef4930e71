// swift-tools-version: 6.2

import PackageDescription

/// Settings of every target of ours: the strictest that the toolchain offers.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(
  name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(
  name: "HummingbirdTesting", package: "hummingbird")
let asyncHTTPClient: Target.Dependency = .product(
  name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let serviceLifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")

/// A target of ours with the strict settings.
func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// An executable target of ours with the strict settings. A release exports no symbols: nobody loads
/// them, and with 40,000 of them the start of `tally-verifier check` takes a twentieth longer.
func program(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, swiftSettings: strict,
    linkerSettings: [
      .unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(configuration: .release))
    ])
}

/// The tests of one target.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [],
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources,
    swiftSettings: strict)
}

let package = Package(
  name: "tally",
  products: [
    .executable(name: "tally", targets: ["TallyCLI"]),
    .executable(name: "tally-verifier", targets: ["VerifierCLI"]),
    .executable(name: "tally-gateway", targets: ["GatewayCLI"]),
    .executable(name: "demo", targets: ["Demo"]),
    .library(name: "StartupCheck", targets: ["StartupCheck"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Pure: values and rules. No clock, file, socket, logger or async.
    target("CivilTime"),
    target("Sealing"),
    target("Licensing", ["CivilTime", "Sealing"]),
    target("Metering", ["CivilTime", "Sealing"]),
    target("Reporting", ["Sealing"]),
    target("Billing", ["CivilTime", "Licensing", "Metering", "Reporting", "Sealing"]),

    // Edges: the one place for each kind of contact with the outside.
    .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    target("Libcrypto", ["CLibcrypto", "Sealing"]),
    target("LibcryptoIssuing", ["CLibcrypto", "Libcrypto", "Sealing"]),
    .systemLibrary(name: "CLinux"),
    target("Platform", ["CLinux", "CivilTime"]),
    target("Storage", ["Platform", grdb, grdbSQLite]),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    target("Postgres", ["CPostgres"]),
    target(
      "Serving",
      [
        "CivilTime", "Libcrypto", "Platform", "Reporting", "Sealing", hummingbird,
        hummingbirdCore, httpTypes, logging, nioCore, nioHTTPTypes, nioSSL,
      ]),
    target(
      "Terminal",
      ["CivilTime", "Libcrypto", "Licensing", "Platform", "Sealing", argumentParser, logging]),
    .target(
      name: "TrustRoot", path: "Keys", resources: [.embedInCode("root.jwks")],
      swiftSettings: strict),

    // Services.
    target(
      "StartupCheck",
      [
        "CivilTime", "Libcrypto", "Licensing", "Metering", "Platform", "Reporting", "Sealing",
        "TrustRoot",
      ]),
    target(
      "Authority",
      [
        "CivilTime", "Libcrypto", "LibcryptoIssuing", "Licensing", "Platform", "Sealing", "Storage",
        "StartupCheck", "TrustRoot", grdb,
      ]),
    target(
      "Verifier",
      [
        "Billing", "CivilTime", "Libcrypto", "Licensing", "Metering", "Platform", "Reporting",
        "Sealing", "Serving", "StartupCheck", "Storage", "TrustRoot", asyncHTTPClient, grdb,
        hummingbird, httpTypes, logging, nioCore, nioHTTP1, nioPosix, nioSSL, serviceLifecycle,
        serviceLifecycle, unixSignals,
      ]),
    target(
      "Gateway",
      [
        "Billing", "CivilTime", "Libcrypto", "LibcryptoIssuing", "Licensing", "Metering",
        "Platform", "Postgres", "Reporting", "Sealing", "Serving", "StartupCheck", "Storage",
        "TrustRoot", asyncHTTPClient, grdb,
        hummingbird, hummingbirdCore, httpTypes, logging, nioCore, nioHTTP1, nioPosix,
        serviceLifecycle, unixSignals,
      ]),

    // Programs.
    program(
      "TallyCLI",
      [
        "Authority", "Billing", "CivilTime", "Libcrypto", "Licensing", "Metering", "Platform",
        "Reporting", "Sealing", "StartupCheck", "Terminal", argumentParser, asyncHTTPClient,
        nioCore,
        nioHTTP1,
      ]),
    program(
      "VerifierCLI",
      [
        "Billing", "CivilTime", "Libcrypto", "Licensing", "Platform", "Sealing", "Serving",
        "StartupCheck", "Verifier", "Terminal", argumentParser,
      ]),
    program(
      "GatewayCLI",
      [
        "Billing", "CivilTime", "Gateway", "Libcrypto", "Licensing", "Metering", "Platform",
        "Postgres", "Reporting", "Sealing", "Serving", "StartupCheck", "Storage", "Terminal",
        argumentParser,
        asyncHTTPClient, logging, nioCore, nioHTTP1,
      ]),
    program("Demo", ["CivilTime", nioCore, nioHTTP1, asyncHTTPClient]),

    // Tests.
    tests(
      "VerifierTests",
      [
        "Billing", "CivilTime", "Libcrypto", "LibcryptoIssuing", "Licensing", "Metering",
        "Platform", "Reporting", "Sealing", "Serving", "StartupCheck", "Storage", "TestSupport",
        "Verifier", asyncHTTPClient, grdb, httpTypes, hummingbird, hummingbirdTesting, logging,
        nioCore,
        nioPosix,
      ], exclude: ["Captures"]),
    tests(
      "AuthorityTests",
      [
        "Authority", "CivilTime", "Libcrypto", "LibcryptoIssuing", "Licensing", "Platform",
        "Sealing", "StartupCheck", "Storage", grdb,
      ], exclude: ["Registries"]),
    tests(
      "TallyCLITests",
      [
        "Authority", "CivilTime", "Libcrypto", "Licensing", "Metering", "Platform", "Reporting",
        "Sealing", "TallyCLI", "Terminal", "TestSupport", argumentParser,
      ]),
    tests(
      "VerifierCLITests",
      [
        "Libcrypto", "Licensing", "Platform", "StartupCheck", "Terminal", "TestSupport",
        "VerifierCLI", argumentParser, logging,
      ]),
    tests("ArchitectureTests", []),
    tests(
      "FormatsTests",
      [
        "Billing", "CivilTime", "Libcrypto", "LibcryptoIssuing", "Licensing", "Metering",
        "Reporting", "Sealing",
      ], exclude: ["ExampleKeys"]),
    tests("ReportingTests", ["Reporting", "Sealing"]),
    tests("CivilTimeTests", ["CivilTime"], exclude: ["Oracle"]),
    tests(
      "LicensingTests", ["CivilTime", "LibcryptoIssuing", "Licensing", "Sealing", "TestSupport"],
      exclude: ["Oracle", "Zones"]),
    tests(
      "MeteringTests", ["CivilTime", "Libcrypto", "Metering", "Sealing"],
      exclude: ["Captures", "Vectors"]),
    tests("SealingTests", ["Libcrypto", "Sealing", "TestSupport"], exclude: ["Vectors"]),
    tests(
      "LibcryptoTests", ["CLibcrypto", "Libcrypto", "LibcryptoIssuing", "Sealing", "TestSupport"],
      exclude: ["Keys", "Vectors"]),
    tests(
      "StartupCheckTests",
      [
        "CivilTime", "Libcrypto", "Licensing", "Metering", "Platform", "Sealing", "StartupCheck",
        "TestSupport",
      ]),
    tests(
      "BillingTests",
      [
        "Billing", "CivilTime", "LibcryptoIssuing", "Licensing", "Metering", "Platform", "Sealing",
        "TestSupport",
      ]),
    tests(
      "GatewayTests",
      [
        "Billing", "CivilTime", "Gateway", "Libcrypto", "LibcryptoIssuing", "Licensing", "Metering",
        "Platform", "Postgres", "Reporting", "Sealing", "Serving", "Storage", "TestServers",
        "TestSupport", grdb,
        hummingbird, hummingbirdTesting, httpTypes, logging, nioCore, nioEmbedded, nioHTTPTypes,
      ]),
    tests(
      "VectorTests",
      [
        "Authority", "Billing", "CLibcrypto", "CivilTime", "Libcrypto", "Licensing", "Metering",
        "Reporting", "Sealing", "StartupCheck", "TestSupport",
      ], exclude: ["Vectors"]),
    tests("ProgramTests", ["TestServers", asyncHTTPClient, nioCore], exclude: ["Snapshots"]),

    tests("FuzzReplayTests", ["FuzzHarness", "Sealing"]),

    // Support for tests.
    .target(
      name: "FuzzHarness", dependencies: ["CivilTime", "Libcrypto", "Licensing", "Sealing"],
      path: "Tests/Fuzz/Harness", swiftSettings: strict),
    .executableTarget(
      name: "Examiner",
      dependencies: ["Licensing", "Platform", "Sealing", "StartupCheck", "Verifier", logging],
      path: "Tests/Faults/Examiner", swiftSettings: strict),
    .target(name: "TestServers", path: "Tests/Servers", swiftSettings: strict),
    .target(
      name: "TestSupport",
      dependencies: ["CLibcrypto", "Libcrypto", "LibcryptoIssuing", "Sealing"],
      path: "Tests/Support", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
