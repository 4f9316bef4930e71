import Foundation
import Testing

extension ProgramTests {
  /// How keys and passphrases come to the programs, and where they stay.
  @Suite(.serialized) struct CustodyTests {
    /// Spaces and letters beyond ASCII are part of a passphrase.
    static let words = "a passphrase of one keeper, 口令 2026"

    /// A shell that runs a program: `exec "$@"` and what is redirected into it.
    static func shell(_ script: String, _ arguments: [String], on stage: Stage) async throws
      -> Outcome
    {
      let program = try Programs.path(arguments.first ?? "")
      return try await stage.run(
        "/bin/bash", ["-c", script, "bash", program] + arguments.dropFirst())
    }

    static func newKey(_ out: String, _ more: [String] = []) -> [String] {
      ["tally", "key", "new", "--use", "root", "--out", out] + more
    }

    /// Whether OpenSSL's own program opens the key with the words.
    static func opens(_ pem: String, _ words: String, on stage: Stage) async throws -> Bool {
      try stage.write("words", words, mode: 0o600)
      return try await stage.run(
        "openssl", ["pkey", "-in", pem, "-passin", "file:words", "-noout"]
      ).status == 0
    }

    static func mode(_ path: String) throws -> Int {
      let value = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      return try #require(value) & 0o777
    }

    @Test func `a passphrase comes by descriptor, pipe, file, setting or credential`() async throws
    {
      try await Stage.play { stage in
        try stage.write("plain", Self.words, mode: 0o600)
        try stage.write("line", Self.words + "\n", mode: 0o400)
        try stage.makeFolder("credentials")
        try stage.write("credentials/passphrase", Self.words + "\n", mode: 0o440)
        let setting = ["TALLY_PASSPHRASE_FILE": "line"]
        let credential = ["CREDENTIALS_DIRECTORY": "credentials"]
        let ways: [(script: String, flags: [String], environment: [String: String])] = [
          (#"exec "$@""#, ["--passphrase-file", "plain"], [:]),
          (#"exec "$@""#, ["--passphrase-file", "line"], [:]),
          (#"exec "$@" <line"#, ["--passphrase-fd", "0"], [:]),
          (#"exec "$@" <plain"#, ["--passphrase-fd", "0"], [:]),
          (#"cat line | "$@""#, ["--passphrase-fd", "0"], [:]),
          (#"exec "$@" 7<line"#, ["--passphrase-fd", "7"], [:]),
          (#"exec "$@" 7< <(cat plain)"#, ["--passphrase-fd", "7"], [:]),
          (#"exec "$@""#, ["--passphrase-file", "/dev/fd/7"], [:]),
          (#"exec "$@""#, [], setting),
          (#"exec "$@""#, [], credential),
          // The flag wins over the setting, the descriptor over both.
          (#"exec "$@""#, ["--passphrase-file", "plain"], ["TALLY_PASSPHRASE_FILE": "none"]),
          (#"exec "$@" <plain"#, ["--passphrase-fd", "0", "--passphrase-file", "none"], [:]),
        ]
        for (index, way) in ways.enumerated() {
          let script = way.flags.last == "/dev/fd/7" ? "exec 7<line; exec \"$@\"" : way.script
          let pem = "key-\(index).pem"
          let outcome = try await stage.run(
            "/bin/bash",
            ["-c", script, "bash", try Programs.path("tally")]
              + Self.newKey(pem, way.flags).dropFirst(), environment: way.environment)
          #expect(outcome.status == 0, "\(way): \(outcome.said)")
          #expect(try stage.text(pem).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "\(way)")
          #expect(try await Self.opens(pem, Self.words, on: stage), "\(way)")
          #expect(try Self.mode(stage.path(pem)) == 0o600, "\(way)")
          #expect(!outcome.said.contains(Self.words), "\(way)")
        }
        #expect(ways.count == 12)
      }
    }

    @Test func `only one final line feed is no part of a passphrase`() async throws {
      try await Stage.play { stage in
        for (name, text) in [("two", "x y\n\n"), ("return", "x y\r\n"), ("space", "x y \n")] {
          try stage.write(name, text, mode: 0o600)
          try await stage.done(
            "tally", Array(Self.newKey("\(name).pem", ["--passphrase-file", name]).dropFirst()))
          #expect(try await !Self.opens("\(name).pem", "x y", on: stage), "\(name)")
        }
        #expect(try await Self.opens("space.pem", "x y ", on: stage))
      }
    }

    @Test func `an empty, missing or endless passphrase is refused by every way`() async throws {
      try await Stage.play { stage in
        try stage.write("empty", "", mode: 0o600)
        try stage.write("blank", "\n", mode: 0o600)
        try stage.write("long", String(repeating: "x", count: 4097), mode: 0o600)
        try stage.makeFolder("credentials")
        try stage.write("credentials/passphrase", "\n", mode: 0o400)
        let cases: [(flags: [String], environment: [String: String], status: Int32, word: String)] =
          [
            (["--passphrase-file", "empty"], [:], 2, "empty"),
            (["--passphrase-file", "blank"], [:], 2, "empty"),
            (["--passphrase-fd", "0"], [:], 2, "empty"),
            ([], ["TALLY_PASSPHRASE_FILE": "blank"], 2, "empty"),
            ([], ["CREDENTIALS_DIRECTORY": "credentials"], 2, "empty"),
            (["--passphrase-file", "none"], [:], 2, "none"),
            (["--passphrase-file", "."], [:], 2, "file"),
            (["--passphrase-file", "long"], [:], 2, "4096"),
            (["--passphrase-fd", "99"], [:], 2, "99"),
            (["--passphrase-fd=-1"], [:], 2, "-1"),
            ([], [:], 64, "--passphrase-file"),
            ([], ["CREDENTIALS_DIRECTORY": "."], 64, "--passphrase-file"),
          ]
        for (flags, environment, status, word) in cases {
          let outcome = try await stage.run(
            "tally", Array(Self.newKey("k.pem", flags).dropFirst()), environment: environment)
          #expect(outcome.status == status, "\(flags) \(environment): \(outcome.said)")
          #expect(outcome.errors.contains(word), "\(flags) \(environment): \(outcome.said)")
          #expect(!FileManager.default.fileExists(atPath: stage.path("k.pem")), "\(flags)")
        }
        #expect(cases.count == 12)
      }
    }

    /// Every mode with one bit too many, and what it is that has it.
    @Test func `a secret file with any bit for others is refused, behind a link too`() async throws
    {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try stage.write("passphrase", VendorOffice.passphrase, mode: 0o600)
        let pem = try Data(contentsOf: URL(fileURLWithPath: office.pem("root")))
        try stage.write("root.pem", pem, mode: 0o600)
        try stage.link("linked-passphrase", to: "passphrase")
        try stage.link("linked.pem", to: "root.pem")
        func export(_ pem: String, _ passphrase: String) async throws -> Outcome {
          try await stage.run(
            "tally", ["key", "export", "--key", pem, "--passphrase-file", passphrase])
        }
        let good = try await export("root.pem", "passphrase")
        #expect(good.status == 0, "\(good.said)")
        var refused = 0
        for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001, 0o066, 0o077] {
          for (file, pem, passphrase) in [
            ("passphrase", "root.pem", "passphrase"),
            ("passphrase", "root.pem", "linked-passphrase"),
            ("root.pem", "root.pem", "passphrase"), ("root.pem", "linked.pem", "passphrase"),
          ] {
            try stage.setMode(file, 0o600 | bit)
            let outcome = try await export(pem, passphrase)
            try stage.setMode(file, 0o600)
            refused += outcome.status == 2 ? 1 : 0
            #expect(outcome.errors.contains("chmod 600"), "\(bit) \(file): \(outcome.said)")
            #expect(outcome.output.isEmpty, "\(bit) \(file): \(outcome.said)")
          }
        }
        #expect(refused == 32)
        for mode in [0o600, 0o400] {
          try stage.setMode("passphrase", mode)
          try stage.setMode("root.pem", mode)
          #expect(try await export("linked.pem", "linked-passphrase").output == good.output)
        }
      }
    }

    /// OpenSSL would ask for the passphrase of such a file itself, past every way that it may come by.
    @Test func `a key encrypted as a PEM of old is refused, and nobody is asked for anything`()
      async throws
    {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let pem = try String(contentsOfFile: office.pem("root"), encoding: .utf8)
        let wrapped = pem.replacing(
          "PRIVATE KEY-----\n",
          with: """
            PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF


            """, maxReplacements: 1)
        #expect(wrapped.count > pem.count)
        try stage.write("root.pem", wrapped, mode: 0o600)
        try stage.write("answer", "\(VendorOffice.passphrase)\n\n")
        let export = ["key", "export", "--key", "root.pem", "--passphrase-file"]
        // Without a terminal OpenSSL asks on the streams, where it can be seen.
        let outcome = try await stage.run(
          "/bin/bash",
          ["-c", #"exec setsid --wait "$@" <answer"#, "bash", try Programs.path("tally")] + export
            + [office.passphraseFile])
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome.said)")
        #expect(outcome.errors.hasPrefix("tally: root.pem: "), "\(outcome.said)")
        #expect(outcome.errors.contains("no whole encrypted PKCS#8 key"), "\(outcome.said)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.said)")
      }
    }

    @Test func `an installation's secrets with any bit for others stop the verifier`() async throws
    {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("a.license"))
        let install = ["license", "install", "a.license", "--state", "state"] + office.trust
        try await stage.done("tally-verifier", install)
        var refused = 0
        for file in ["installation.key", "evidence.key", "token"] {
          #expect(try Self.mode(stage.path("state/\(file)")) == 0o600, "\(file)")
          for bit in [0o040, 0o002] {
            try stage.setMode("state/\(file)", 0o600 | bit)
            let outcome = try await stage.run("tally-verifier", install)
            refused += outcome.status == 2 ? 1 : 0
            #expect(outcome.errors.contains("chmod 600"), "\(file): \(outcome.said)")
            try stage.setMode("state/\(file)", 0o600)
          }
        }
        #expect(refused == 6)
        try await stage.done("tally-verifier", install)
      }
    }

    @Test func `no umask opens a key, a passphrase never lands in a file`() async throws {
      try await Stage.play { stage in
        try stage.write("passphrase", Self.words, mode: 0o600)
        let signing = ["--registry", "registry", "--passphrase-file", "passphrase"]
        for (index, mask) in ["0000", "0002", "0022", "0077"].enumerated() {
          let outcome = try await Self.shell(
            "umask \(mask); exec \"$@\"", ["tally", "key", "new", "--use", "license"] + signing,
            on: stage)
          #expect(outcome.status == 0, "\(mask): \(outcome.said)")
          let keys = try stage.files("registry/keys")
          #expect(keys.count == index + 1)
          for key in keys { #expect(try Self.mode(key) == 0o600, "\(mask) \(key)") }
          #expect(try Self.mode(stage.path("registry")) == 0o700)
        }
        let holders = try stage.files(".").filter {
          try Data(contentsOf: URL(fileURLWithPath: $0)).contains(Self.words)
        }
        #expect(holders.map { $0.split(separator: "/").last } == ["passphrase"])
      }
    }

    @Test func `a registry restored from a copy gives no identifier twice`() async throws {
      try await Stage.play { stage in
        try stage.write("passphrase", Self.words, mode: 0o600)
        let signing = ["--registry", "registry", "--passphrase-file", "passphrase"]
        for use in ["root", "license"] {
          try await stage.done("tally", ["key", "new", "--use", use] + signing)
        }
        try await stage.done(
          "tally", ["keyset", "publish", "--iss", "https://license.vendor.example"] + signing)
        try await stage.done("cp", ["-a", "registry", "copy"])
        var identifiers: [String] = []
        for _ in 0..<8 {
          let customer = try await stage.done(
            "tally", ["customer", "add", "ACME Ltd", "--registry", "registry"]
          ).trimmingCharacters(in: .whitespacesAndNewlines)
          try await stage.done(
            "tally",
            [
              "license", "issue", "--edition", "community", "--customer", customer, "--product",
              VendorOffice.product, "--zone", "UTC", "--yes", "--out", "a.license",
            ] + signing)
          let seen = try await stage.done(
            "tally", ["license", "list", "--registry", "registry", "--format", "json"])
          identifiers += seen.matches(of: /(?:lic|lin|cus)_[0-9a-f]{32}/).map { String($0.output) }
          try await stage.done("rm", ["-rf", "registry", "a.license"])
          try await stage.done("cp", ["-a", "copy", "registry"])
        }
        #expect(identifiers.count == 24, "one license, line and customer of each of 8 lives")
        #expect(Set(identifiers).count == identifiers.count)
      }
    }
  }
}

extension Stage {
  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: path(name), withDestinationPath: path(target))
  }

  func setMode(_ name: String, _ mode: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
  }

  /// Every regular file in a folder and those below it.
  func files(_ folder: String) throws -> [String] {
    let start = path(folder)
    return try FileManager.default.subpathsOfDirectory(atPath: start).map { "\(start)/\($0)" }
      .filter {
        try FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType
          == .typeRegular
      }
  }
}

extension Data {
  func contains(_ text: String) -> Bool { range(of: Data(text.utf8)) != nil }
}
