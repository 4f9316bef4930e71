import Foundation
import Testing

/// Holds the arrows between targets: who may import whom, whatever the package manager lets through.
@Suite struct ArchitectureTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// What each target may import, our own targets and others.
  static let allowed: [String: Set<String>] = [
    "CivilTime": [],
    "Sealing": [],
    "Licensing": ["CivilTime", "Sealing"],
    "Metering": ["CivilTime", "Sealing"],
    "Reporting": ["Sealing"],
    "Billing": ["CivilTime", "Licensing", "Metering", "Reporting", "Sealing"],
    "Libcrypto": ["CLibcrypto", "Sealing", "Synchronization"],
    "LibcryptoIssuing": ["CLibcrypto", "Libcrypto", "Sealing"],
    "Platform": ["CLinux", "CivilTime", "Glibc"],
    "Storage": ["GRDB", "GRDBSQLite", "Platform", "Synchronization"],
    "Postgres": ["CPostgres", "Dispatch", "Glibc", "Synchronization"],
    "Serving": [
      "CivilTime", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Libcrypto", "Logging", "NIOCore",
      "NIOHTTPTypes", "NIOSSL", "Platform", "Reporting", "Sealing", "Synchronization",
    ],
    "Terminal": [
      "ArgumentParser", "CivilTime", "Glibc", "Libcrypto", "Licensing", "Logging", "Platform",
      "Sealing", "Synchronization",
    ],
    "StartupCheck": [
      "CivilTime", "Libcrypto", "Licensing", "Metering", "Platform", "Reporting",
      "Sealing", "TrustRoot",
    ],
    "Authority": [
      "CivilTime", "GRDB", "Libcrypto", "LibcryptoIssuing", "Licensing", "Platform",
      "Reporting", "Sealing", "StartupCheck", "Storage", "TrustRoot",
    ],
    "Verifier": [
      "AsyncHTTPClient", "Billing", "CivilTime", "GRDB", "HTTPTypes", "Hummingbird", "Libcrypto",
      "Licensing", "Logging", "Metering", "NIOCore", "NIOFoundationCompat", "NIOHTTP1", "NIOPosix",
      "NIOSSL", "Platform",
      "Reporting", "Sealing", "ServiceLifecycle", "Serving", "StartupCheck", "Storage",
      "Synchronization", "TrustRoot", "UnixSignals",
    ],
    "Gateway": [
      "AsyncHTTPClient", "Billing", "CivilTime", "GRDB", "HTTPTypes", "Hummingbird",
      "HummingbirdCore", "Libcrypto", "LibcryptoIssuing", "Licensing", "Logging", "Metering",
      "NIOCore", "NIOHTTP1", "NIOPosix", "Platform",
      "Postgres", "Reporting", "Sealing", "ServiceLifecycle", "Serving", "StartupCheck", "Storage",
      "Synchronization", "TrustRoot", "UnixSignals",
    ],
  ]

  /// The targets that hold rules and nothing else.
  static let pure = ["CivilTime", "Sealing", "Licensing", "Metering", "Reporting", "Billing"]

  static func swiftFiles(in folder: String) throws -> [URL] {
    let start = root.appending(path: folder)
    guard let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
    else { return [] }
    return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
  }

  /// The modules that a file imports.
  static func imports(of file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
        words[..<index].allSatisfy({
          [
            "public", "package", "internal", "private", "fileprivate", "@testable",
            "@preconcurrency",
          ]
          .contains($0)
        })
      else { return nil }
      return String(words[index + 1].split(separator: ".")[0])
    }
  }

  @Test func `a target imports only what its place in the house allows`() throws {
    var files = 0
    for (target, allowed) in Self.allowed {
      for file in try Self.swiftFiles(in: "Sources/\(target)") {
        files += 1
        for module in try Self.imports(of: file) {
          #expect(allowed.contains(module), "\(target)/\(file.lastPathComponent) imports \(module)")
        }
      }
    }
    #expect(files > 60)
  }

  @Test func `every target below the programs stands in the table`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "Sources").path)
    let programs: Set<String> = [
      "TallyCLI", "VerifierCLI", "GatewayCLI", "Demo", "CLibcrypto", "CLinux", "CPostgres",
    ]
    #expect(Set(folders).subtracting(programs) == Set(Self.allowed.keys))
  }

  @Test func `the verifier's programs cannot reach vendor keys or issuing`() throws {
    let files =
      try Self.swiftFiles(in: "Sources/VerifierCLI") + Self.swiftFiles(in: "Sources/Verifier")
      + Self.swiftFiles(in: "Sources/StartupCheck")
    #expect(files.count > 5)
    for file in files {
      let modules = try Self.imports(of: file)
      for forbidden in ["LibcryptoIssuing", "Authority", "Gateway", "Postgres"] {
        #expect(!modules.contains(forbidden), "\(file.lastPathComponent) imports \(forbidden)")
      }
    }
  }

  @Test func `pure targets have no clock, file, socket, logger or async`() throws {
    let words = ["async ", "await ", "Task {", "Task.", "ContinuousClock", " print("]
    for target in Self.pure {
      let files = try Self.swiftFiles(in: "Sources/\(target)")
      #expect(!files.isEmpty)
      for file in files {
        let code = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
          .filter { !$0.drop(while: { $0 == " " }).hasPrefix("//") }
        for line in code {
          for word in words {
            #expect(!line.contains(word), "\(target)/\(file.lastPathComponent): \(line)")
          }
        }
      }
    }
  }

  @Test func `unsafe code stands only at the C boundary`() throws {
    let edges: Set<String> = ["Libcrypto", "LibcryptoIssuing", "Platform", "Postgres", "Terminal"]
    // The one exception: the table of collectors owns its memory by itself, for speed.
    let exception = "Metering/PresenceTable.swift"
    for target in Self.allowed.keys where !edges.contains(target) {
      for file in try Self.swiftFiles(in: "Sources/\(target)")
      where "\(target)/\(file.lastPathComponent)" != exception {
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
          let isCode = !line.drop(while: { $0 == " " }).hasPrefix("//")
          let isUnsafe = line.contains("@unchecked") || line.contains("nonisolated(unsafe)")
          #expect(!(isCode && isUnsafe), "\(target)/\(file.lastPathComponent): \(line)")
        }
      }
    }
  }

  @Test func `nothing private lies in Keys`() throws {
    let keys = Self.root.appending(path: "Keys")
    let names = try FileManager.default.contentsOfDirectory(atPath: keys.path).sorted()
    #expect(names == ["TrustRoot.swift", "root.jwks"])
    let jwks = try JSONSerialization.jsonObject(
      with: Data(contentsOf: keys.appending(path: "root.jwks")))
    let object = try #require(jwks as? [String: Any])
    #expect(Set(object.keys) == ["keys", "threshold"])
    let list = try #require(object["keys"] as? [[String: Any]])
    for key in list {
      #expect(Set(key.keys).isDisjoint(with: ["d", "p", "q", "dp", "dq", "qi", "k", "oth"]))
    }
    for name in names {
      let text = try String(contentsOf: keys.appending(path: name), encoding: .utf8)
      #expect(!text.contains("PRIVATE" + " KEY"))
    }
  }

  @Test func `the top level holds what it may`() throws {
    let allowed: Set<String> = ["Package.swift", "Sources", "Tests", "Keys", "Docs", "README.md"]
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
    for name in names where !name.hasPrefix(".") && name != "Package.resolved" {
      #expect(allowed.contains(name), "\(name)")
    }
  }

  @Test func `CI runs exactly the command that the README gives for the tests`() throws {
    func text(_ path: String) throws -> String {
      try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }
    let command = try text(".ci/run").split(separator: "\n").filter { $0.hasPrefix("apt-get") }
    #expect(command.count == 1)
    let readme = try text("README.md").split(separator: "\n").filter { $0.hasPrefix("apt-get") }
    #expect(readme.count == 2)
    #expect(readme.last == command.first)
  }
}
