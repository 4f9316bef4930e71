import CivilTime
import Libcrypto
import Licensing
import Metering
import Sealing

/// An installation for tests: a real key and the chain that it has sealed so far.
struct TestInstallation {
  let key: InstallationKey
  private(set) var records: [String] = []
  private(set) var seq: Int64 = 0
  private(set) var head: Digest?
  var license: LicenseID
  var revision: Int64 = 1
  /// Stands in the records as the root that is compiled in.
  var root: Thumbprint
  /// The date that is being counted, and its first second.
  private(set) var date: CivilDate
  private(set) var from: Int64

  struct Missing: Error {}

  static func some<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
  }

  /// - Parameter date: of the first record, in UTC.
  init(license: LicenseID, root: Thumbprint, date: String = "2026-11-21") throws {
    key = try InstallationKey.generate()
    self.license = license
    self.root = root
    self.date = try Self.some(CivilDate(date))
    from = Zone.utc.day(of: self.date).lowerBound
  }

  var thumbprint: Thumbprint { key.thumbprint }

  func enrolment(
    replaces: Thumbprint? = nil, iat: Int64 = 1_795_219_200, license: LicenseID? = nil
  ) throws -> String {
    try key.seal(
      Enrolment(
        jwk: key.publicKey, license: license ?? self.license, replaces: replaces, iat: iat))
  }

  func alive(at instant: Int64) throws -> String {
    try key.seal(Alive(installation: thumbprint, seq: seq, head: head, at: instant))
  }

  /// The next record, not yet part of the chain.
  func next(
    peak: Int64, after seconds: Int64, closing: Bool = false, from: Int64? = nil,
    unobserved: Int64 = 0
  ) throws -> UsageRecord {
    let from = from ?? self.from
    let to = closing ? Zone.utc.day(of: date).upperBound : from + seconds
    let gaps = unobserved > 0 ? [Gap(from: from, to: from + unobserved, reason: .stopped)] : []
    let day = DaySummary(
      date: date, from: from, to: to, peak: Peak(count: peak, at: from + unobserved),
      online: peak, distinct: peak, refused: 0, observed: to - from - unobserved, gaps: gaps,
      gapsMerged: 0)
    let minutes = Self.minutes(from: from, to: to, unobserved: unobserved, peak: peak)
    let evidence = EvidenceRoot(
      leaves: peak, root: LibcryptoProvider().sha256(Array("\(date)".utf8)))
    return UsageRecord(
      installation: thumbprint, license: license.text, revision: revision, seq: seq + 1,
      prev: head, at: to, day: day, limit: nil,
      rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"),
      release: "1.98.190", root: root,
      closing: closing ? UsageRecord.Closing(minutes: minutes, evidence: evidence) : nil)
  }

  /// Whole minutes are unobserved first, then each has the peak.
  private static func minutes(
    from: Int64, to: Int64, unobserved: Int64, peak: Int64
  ) -> [MinuteRun] {
    let missing = unobserved / 60
    let all = MinuteRun.minutes(from: from, to: to)
    return MinuteRun.runs(of: (0..<all).map { $0 < missing ? MinuteRun.unobserved : peak })
  }

  /// Seals a record and makes it the head.
  @discardableResult
  mutating func take(_ record: UsageRecord) throws -> String {
    try take(sealed: try key.seal(record), seq: record.seq)
  }

  /// Makes a sealed record the head.
  @discardableResult
  mutating func take(sealed jws: String, seq: Int64) throws -> String {
    self.seq = seq
    head = LibcryptoProvider().sha256(Array(jws.utf8))
    records.append(jws)
    return jws
  }

  @discardableResult
  mutating func sample(peak: Int64, after seconds: Int64) throws -> String {
    try take(try next(peak: peak, after: seconds))
  }

  /// Closes the date and begins the next one.
  @discardableResult
  mutating func day(peak: Int64, unobserved: Int64 = 0) throws -> String {
    let record = try next(peak: peak, after: 0, closing: true, unobserved: unobserved)
    let jws = try take(record)
    advance()
    return jws
  }

  /// Goes on at a date, whatever came before.
  mutating func go(to text: String) throws {
    date = try Self.some(CivilDate(text))
    from = Zone.utc.day(of: date).lowerBound
  }

  /// Goes on to the next date.
  mutating func advance() {
    from = Zone.utc.day(of: date).upperBound
    date = date.adding(days: 1) ?? date
  }

  /// Closes so many dates; the peak of the nth is n.
  mutating func days(_ count: Int64) throws {
    for peak in 1...count { try day(peak: peak) }
  }

  /// Begins a chain anew with the same key: what a restored copy does.
  func copy(upTo count: Int) throws -> TestInstallation {
    var copy = self
    copy.records = Array(records.prefix(count))
    copy.seq = Int64(count)
    copy.head = copy.records.last.map { LibcryptoProvider().sha256(Array($0.utf8)) }
    return copy
  }

  /// A record whose signature is another's.
  static func unsigned(_ jws: String) -> String {
    let end = jws.lastIndex(of: ".") ?? jws.endIndex
    return String(jws[..<end]) + "." + Base64.encode([UInt8](repeating: 7, count: 64), .url)
  }
}
