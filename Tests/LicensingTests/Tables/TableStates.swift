import CivilTime
import Licensing

/// What each state of `Oracle/states.tsv` changes. The script makes the same from the same names.
enum TableStates {
  typealias Change = @Sendable (inout TableScene) throws -> Void

  static let all: [String: Change] = installations.merging(documents, uniquingKeysWith: replaced)
    .merging(clocks, uniquingKeysWith: replaced).merging(releases, uniquingKeysWith: replaced)
    .merging(leases, uniquingKeysWith: replaced)

  private static func replaced(_: @escaping Change, _ second: @escaping Change) -> Change { second }

  private static let installations: [String: Change] = [
    "plain": { _ in },
    "not activated": {
      $0.license.activation = .required
      $0.scene.activation = nil
    },
    "activated": { try require(&$0, own: 1) },
    "activated, key unknown": { try require(&$0, own: nil) },
    "another installation": { try require(&$0, own: 2) },
    "another line": { try require(&$0, own: 1, line: "lin_2") },
    "optional, another's": {
      try require(&$0, own: 2, line: "lin_2")
      $0.license.activation = .optional
    },
  ]

  private static func require(
    _ table: inout TableScene, own: UInt8?, line: String = "lin_1"
  ) throws {
    table.license.activation = .required
    try table.activate(line: line)
    table.scene.own = own
  }

  private static let documents: [String: Change] = [
    "revoked": { table in
      table.scene.revocations = Revocations(
        iss: Sample.iss, iat: 0, seq: 1,
        revoked: [Revocations.Entry(jti: table.license.jti, at: 0, reason: "refunded")])
    },
    "superseded by one held": { table in
      let license = table.license
      table.scene.held = [
        try Sample.license(license.edition, revision: 2) {
          $0 = license
          $0.revision = 2
          $0.jti = try Sample.record(license: "lic_1-2").license
        }
      ]
    },
    "superseded by the activation": { try $0.activate(revision: 2) },
    "superseded by the record": {
      $0.scene.record = try Sample.record(license: "lic_1-2", revision: 2)
    },
    "over limit, refuse": { overLimit(&$0, .refuse) },
    "over limit, record": { overLimit(&$0, .record) },
    "ledger damaged": { $0.scene.findings = [StandingFinding(.ledgerDamaged, Facts())] },
    "no grace": { $0.license.graceDays = 0 },
  ]

  private static func overLimit(_ table: inout TableScene, _ overage: Overage) {
    table.license.collectors = Collectors(limit: 10, overage: overage)
    table.scene.findings = [StandingFinding(.overLimit, Facts())]
  }

  private static let clocks: [String: Change] = [
    "clock seen to move": { $0.scene.findings = [StandingFinding(.clockUntrusted, Facts())] },
    "clock behind by a day": { $0.behind = .seconds(86_400) },
    "clock behind by more": { $0.behind = .seconds(86_401) },
    "clock unreadable": { $0.behind = .unreadable },
    "keyset turns stale": { $0.keysetTurns = true },
  ]

  private static let releases: [String: Change] = [
    "release of another product": { try $0.release { $0.product = "other" } },
    "platform is another product": { $0.scene.product = "other" },
    "no release document": { $0.scene.release = nil },
    "nothing said to run": { $0.scene.running = nil },
    "another version runs": { $0.scene.running = "1.98.189" },
    "another commit runs": {
      $0.scene.running = "1.98.190@abc"
      try $0.release { $0.commit = "abd" }
    },
    "the commit runs": {
      $0.scene.running = "1.98.190@abd"
      try $0.release { $0.commit = "abd" }
    },
    "released on the last day": { try released(&$0, 0) },
    "released a day later": { try released(&$0, 1) },
    "released later, covered as of the last day": { try released(&$0, 1, coveredAsOf: 0) },
    "released later, covered as of a day too late": { try released(&$0, 2, coveredAsOf: 1) },
    "its own release": { try ownRelease(&$0) },
    "its own release, no document": {
      try ownRelease(&$0)
      $0.scene.release = nil
    },
    "covered as of long ago": { try $0.release { $0.coveredAsOf = try Shared.date("2001-01-01") } },
  ]

  private static func released(
    _ table: inout TableScene, _ days: Int64, coveredAsOf: Int64? = nil
  ) throws {
    let (day, covered) = (try table.day(days), try coveredAsOf.map(table.day))
    try table.release {
      $0.released = day
      $0.coveredAsOf = covered
    }
  }

  private static func ownRelease(_ table: inout TableScene) throws {
    table.scene.running = "1.90.0"
    let day = try table.day(400)
    try table.release {
      $0.version = "1.90.0"
      $0.released = day
    }
  }

  private static let leases: [String: Change] = [
    "lease by the license": { try $0.lease() },
    "lease by the activation": { try $0.lease(activation: 1) },
    "lease by a receipt": { try $0.lease(activation: 0, TableReceipt(100, 72)) },
    "lease cut by the receipt": { try $0.lease(activation: 0, TableReceipt(100, 10)) },
    "lease not lengthened by the receipt": {
      try $0.lease(activation: 0, TableReceipt(100, 1000))
    },
    "a receipt without a lease": {
      try $0.lease(activation: 0, TableReceipt(10, 72), TableReceipt(20, nil))
    },
    "another installation's receipt": {
      try $0.lease(activation: 0, TableReceipt(100, 72, installation: 2))
    },
    "the newest of three receipts": {
      try $0.lease(
        activation: 0, TableReceipt(30, 72), TableReceipt(60, 72), TableReceipt(50, 72))
    },
  ]
}
