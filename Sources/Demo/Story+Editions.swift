import CivilTime
import Foundation

extension Story {
  /// Root, online keys, keyset and customer.
  func prepareVendor() throws {
    heading("The vendor makes a root, online keys and a keyset")
    try Data("correct horse battery staple\n".utf8).write(
      to: shell.folder.appending(path: "passphrase"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600],
      ofItemAtPath: shell.folder.appending(path: "passphrase").path)
    for use in ["root", "license", "release", "gateway"] {
      try shell.run(["tally", "key", "new", "--use", use] + Self.registry)
    }
    try shell.run(
      [
        "tally", "keyset", "publish", "--iss", "https://license.vendor.example", "--out",
        "keyset.tally",
      ] + Self.registry)
    try save("root.jwks", shell.run(["tally", "key", "root", "--registry", "registry"]))
    try save(
      "customer",
      shell.run(["tally", "customer", "add", "ACME Ltd", "--registry", "registry"]))
  }

  func save(_ name: String, _ text: String) throws {
    say("   (kept as \(name))")
    try Data((text + "\n").utf8).write(to: shell.folder.appending(path: name))
  }

  /// The contents of a file of the demo's folder, without its final line feed.
  func contents(_ name: String) throws -> String {
    try String(contentsOf: shell.folder.appending(path: name), encoding: .utf8)
      .trimmingCharacters(in: .newlines)
  }

  /// Releases of different ages.
  func signReleases() throws {
    heading("The vendor signs its releases")
    for (version, age) in Self.releases {
      try shell.run(
        [
          "tally", "release", "sign", "--product", Self.product, "--version", version,
          "--released", try day(-age), "--out", "\(version).release",
        ] + (age > 30 ? ["--yes", "RELEASE_BACKDATED"] : []) + Self.registry)
    }
  }

  /// Version and age in days.
  static let releases: [(String, Int64)] = [
    ("1.90.1", 500), ("1.95.0", 181), ("1.95.2", 180), ("1.98.190", 20),
  ]

  @discardableResult
  func issue(
    _ edition: String, _ arguments: [String], yes codes: String = "LINE_EXISTS", out: String
  ) throws -> String {
    try shell.run(
      [
        "tally", "license", "issue", "--edition", edition, "--customer", try contents("customer"),
        "--product", Self.product, "--zone", zone,
      ] + arguments + ["--yes", codes, "--out", out] + Self.registry)
  }

  /// Checks a license at start-up and compares verdict and code.
  func check(
    _ license: String, _ release: String, running: String? = nil, _ verdict: String, _ code: String
  ) throws {
    let words =
      [
        "tally-verifier", "check", "--license", license, "--release", "\(release).release",
        "--running", running ?? release,
      ]
    say("$ " + words.joined(separator: " "))
    let text = try shell.capture(words)
    say(text.output)
    let answer = try shell.capture(words + ["--format", "json"])
    try expect("the verdict", try Self.text("verdict", in: answer.output), verdict)
    try expect("its code", try Self.text("code", in: answer.output), code)
    try expect("the exit status", Int(answer.status), verdict == "deny" ? 1 : 0)
  }

  /// Three editions that need no gateway, each against releases that it covers and that it does not.
  func playEditions() throws {
    heading("Subscription: a year that is running, and one that is over")
    let collectors = ["--collectors", "500"]
    try issue(
      "subscription",
      ["--from", try day(-100), "--years", "1"] + collectors, yes: "TERM_BACKDATED",
      out: "subscription.license")
    try issue(
      "subscription",
      ["--from", try day(-800), "--years", "1"] + collectors,
      yes: "LINE_EXISTS,TERM_OVER,TERM_BACKDATED", out: "ended.license")
    try check("subscription.license", "1.98.190", "allow", "VALID")
    try check("ended.license", "1.90.1", "deny", "EXPIRED")

    heading("Perpetual: for ever, for the releases of the time of its maintenance")
    try issue(
      "perpetual",
      ["--from", try day(-600), "--years", "1", "--release", "1.90.1"] + collectors,
      yes: "LINE_EXISTS,MAINTENANCE_OVER,MAINTENANCE_BACKDATED", out: "perpetual.license")
    try check("perpetual.license", "1.90.1", "allow", "MAINTENANCE_ENDED")
    try check("perpetual.license", "1.98.190", "deny", "RELEASE_NOT_COVERED")

    heading("Community: each release for 180 days")
    try issue("community", [], out: "community.license")
    try check("community.license", "1.98.190", "allow", "VALID")
    try check("community.license", "1.95.2", "allow", "EXPIRING_SOON")
    try check("community.license", "1.95.0", "deny", "RELEASE_EXPIRED")

    heading("The newest release document laid beside an old program")
    try check("community.license", "1.98.190", running: "1.90.1", "deny", "RELEASE_MISMATCH")
  }
}
