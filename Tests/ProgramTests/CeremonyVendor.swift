import Foundation

/// A vendor whose root keys are on machines without a network: one folder for each, between which
/// nothing but files is carried.
struct CeremonyVendor: Sendable {
  let stage: Stage
  /// The signing machine; it has no root's private half.
  let office: VendorOffice
  /// The thumbprints of the roots by the name of their machine.
  private(set) var roots: [String: String]

  /// A draft's file, which lies beside the machines and is carried to where it is needed.
  func file(_ name: String) -> String { stage.path(name) }

  /// Three roots, of which two must sign, the online keys, and the first keyset.
  static func open(on stage: Stage) async throws -> CeremonyVendor {
    var vendor = try await begin(on: stage)
    try await vendor.draft("1.draft", vendor.first)
    try await vendor.sign("1.draft", by: "a", to: "1-a.draft")
    try await vendor.sign("1.draft", by: "b", to: "1-b.draft")
    try await vendor.publish(["1-a.draft", "1-b.draft"])
    let customer = try await vendor.office.tally(
      ["customer", "add", "ACME Ltd", "--registry", vendor.office.registry])
    vendor = CeremonyVendor(
      stage: stage,
      office: VendorOffice(
        folder: vendor.office.folder,
        customer: customer.trimmingCharacters(in: .whitespacesAndNewlines), keys: vendor.office.keys
      ), roots: vendor.roots)
    try await vendor.office.signRelease(
      VendorOffice.version, released: Day.today(-20), to: vendor.office.release)
    return vendor
  }

  /// Roots, `root.jwks` and online keys, before the first keyset.
  static func begin(on stage: Stage) async throws -> CeremonyVendor {
    let folder = stage.folder.appending(path: "office")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try stage.write("office/passphrase", "of the office\n", mode: 0o600)
    var vendor = CeremonyVendor(
      stage: stage, office: VendorOffice(folder: folder, customer: "", keys: [:]), roots: [:])
    for machine in ["a", "b", "c"] { try await vendor.makeRoot(machine) }
    try await stage.done(
      "tally",
      ["key", "root", "--threshold", "2", "--out", vendor.office.root]
        + ["a", "b", "c"].flatMap { ["--jwk", stage.path("\($0).jwk")] })
    var keys: [String: String] = [:]
    for use in ["license", "release", "gateway", "revocation"] {
      keys[use] = try await vendor.newKey(use)
    }
    return CeremonyVendor(
      stage: stage, office: VendorOffice(folder: folder, customer: "", keys: keys),
      roots: vendor.roots)
  }

  /// What the first draft is told.
  var first: [String] {
    ["--iss", "https://license.vendor.example", "--threshold", "2"]
      + ["a", "b", "c"].flatMap { ["--add-root", file("\($0).jwk")] }
  }

  /// Makes a root on a machine of its own; its public half is carried out.
  mutating func makeRoot(_ machine: String) async throws {
    let folder = stage.folder.appending(path: "offline-\(machine)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try stage.write("offline-\(machine)/passphrase", "of root \(machine)\n", mode: 0o600)
    let made = try await offline(
      machine,
      ["key", "new", "--use", "root", "--out", "root.pem", "--passphrase-file", "passphrase"])
    roots[machine] = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    let exported = try await offline(
      machine,
      [
        "key", "export", "--key", "root.pem", "--passphrase-file", "passphrase", "--out",
        file("\(machine).jwk"),
      ])
    guard made.status == 0, exported.status == 0 else {
      throw TestFault("root \(machine): \(made.said) \(exported.said)")
    }
  }

  /// Runs `tally` on a root's machine, which knows no registry.
  func offline(_ machine: String, _ arguments: [String]) async throws -> Outcome {
    try await Command.run(
      "tally", arguments, in: stage.folder.appending(path: "offline-\(machine)"))
  }

  /// Runs `tally` on the signing machine, whatever comes of it.
  func tally(_ arguments: [String]) async throws -> Outcome {
    try await stage.run("tally", arguments + ["--registry", office.registry])
  }

  /// Runs `tally` on the signing machine, which must succeed.
  @discardableResult
  func done(_ arguments: [String]) async throws -> String {
    try await stage.done("tally", arguments + ["--registry", office.registry])
  }

  /// Makes an online key.
  /// - Returns: its thumbprint.
  func newKey(_ use: String) async throws -> String {
    try await done(
      ["key", "new", "--use", use, "--passphrase-file", office.passphraseFile]
    ).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @discardableResult
  func draft(_ name: String, _ more: [String] = []) async throws -> String {
    try await done(["keyset", "draft", "--out", file(name)] + more)
  }

  /// Signs a draft on a root's machine.
  func signing(_ draft: String, by machine: String, to out: String) async throws -> Outcome {
    try await offline(
      machine,
      [
        "keyset", "sign", "--draft", file(draft), "--key", "root.pem", "--passphrase-file",
        "passphrase", "--trust-root", office.root, "--out", file(out),
      ])
  }

  @discardableResult
  func sign(_ draft: String, by machine: String, to out: String) async throws -> String {
    let outcome = try await signing(draft, by: machine, to: out)
    guard outcome.status == 0 else { throw TestFault("root \(machine): \(outcome.said)") }
    return outcome.output
  }

  func publishing(_ drafts: [String]) async throws -> Outcome {
    try await tally(["keyset", "publish"] + drafts.flatMap { ["--draft", file($0)] })
  }

  @discardableResult
  func publish(_ drafts: [String]) async throws -> Outcome {
    let outcome = try await publishing(drafts)
    guard outcome.status == 0 else { throw TestFault("publish \(drafts): \(outcome.said)") }
    return outcome
  }

  /// A whole ceremony: draft, two roots, publish.
  @discardableResult
  func nextKeyset(
    _ name: String, by machines: [String] = ["a", "b"], _ more: [String] = []
  ) async throws -> Outcome {
    try await draft("\(name).draft", more)
    for machine in machines {
      try await sign("\(name).draft", by: machine, to: "\(name)-\(machine).draft")
    }
    return try await publish(machines.map { "\(name)-\($0).draft" })
  }

  /// What must not change when something is refused: the keys, the keysets, the log.
  func state() async throws -> [String] {
    [
      try await done(["key", "list", "--format", "json"]),
      try await done(["audit", "log", "--format", "json"]),
      try await done(["intent", "show", "--format", "json"]),
      try await done(["revocations", "show", "--format", "json"]),
    ]
  }

  /// That the log, and everything that it records, is whole.
  func audit() async throws -> Bool { try await tally(["audit", "verify"]).status == 0 }

  /// The number of the keyset in force, 0 before the first.
  func epoch() async throws -> Int {
    struct Row: Decodable {
      let action: String
    }
    let log = try await tally(["audit", "log", "--format", "json"]).json([Row].self)
    return log.filter { $0.action == "keyset publish" }.count
  }

  /// What `check` says of a license file alone.
  func check(_ license: String, more: [String] = []) async throws -> VerdictReport {
    try await office.check(file(license), more: more, on: stage).json(VerdictReport.self)
  }
}
