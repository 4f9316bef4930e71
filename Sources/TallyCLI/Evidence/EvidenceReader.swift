internal import Billing
internal import CivilTime
internal import Libcrypto
internal import Licensing
internal import Metering
internal import Platform
internal import Sealing

/// What a file of evidence came to.
struct EvidenceReport {
  var form: EvidenceForm
  /// The day record, verified.
  var record: UsageRecord
  /// How many leaves were read.
  var leaves: Int64 = 0
  /// The collector that a proof opens, its place and segments.
  var opening: EvidenceOpening?
  /// The weight with which it counted in the second of the peak.
  var weightAtPeak: Int64?
  /// Whether the installation was named by who checks.
  var comparesInstallation = false
  /// Whether a license's zone was held against the record.
  var comparesBounds = false
  /// Whether a statement was held against the record.
  var comparesStatement = false
  var finding: EvidenceFinding?

  /// What the report does not show, nil where whose the record is was compared.
  var remark: BilingualText? {
    guard finding == nil, !comparesInstallation, !comparesStatement else { return nil }
    return BilingualText(
      "anyone can make such a file: it was checked under the key in it alone; compare the installation "
        + "with the customer's, or name it with --installation",
      "任何人都能造出这样的文件：它只按文件内的密钥核对过；请将上面的安装与客户的安装核对，或用 --installation 指明")
  }

  /// One object, free of language but for the finding's message and the remarks.
  var json: JSONValue {
    var members = [
      JSONMember("holds", .bool(finding == nil)), JSONMember("form", .string(form.rawValue)),
      JSONMember("installation", record.installation.json),
      JSONMember("license", .string(record.license)),
      JSONMember("date", .string(record.date.description)),
      JSONMember("from", .integer(record.from)), JSONMember("to", .integer(record.to)),
      JSONMember("seq", .integer(record.seq)),
    ]
    if let peak = record.peak {
      members.append(JSONMember("peak", .integer(peak.count)))
      members.append(JSONMember("peak_at", .integer(peak.at)))
    }
    members.append(JSONMember("distinct", .integer(record.distinct)))
    if let root = record.closing?.evidence.root { members.append(JSONMember("root", root.json)) }
    if let opening {
      members.append(JSONMember("collector", .object(opening.identity.members)))
      members.append(
        JSONMember(
          "segments",
          .array(
            opening.segments.map { [.integer($0.from), .integer($0.to), .integer($0.weight)] })))
      if let weightAtPeak { members.append(JSONMember("weight_at_peak", .integer(weightAtPeak))) }
    } else {
      members.append(JSONMember("leaves", .integer(leaves)))
    }
    members.append(JSONMember("installation_compared", .bool(comparesInstallation)))
    members.append(JSONMember("bounds", .bool(comparesBounds)))
    members.append(JSONMember("statement", .bool(comparesStatement)))
    let remarks = [remark].compactMap(\.self)
    members.append(JSONMember("remarks", .array(remarks.map { .string($0.english) })))
    if let finding { members.append(JSONMember("finding", finding.json)) }
    return .object(members)
  }
}

/// Reads a file of evidence, line by line where it has many, and checks it.
struct EvidenceReader {
  private static let longestLine = 16 * 1024 * 1024

  private let file: String
  private let cryptography = LibcryptoProvider()

  init(_ file: String) { self.file = file }

  /// - Parameters:
  ///   - installation: the one that it must be of.
  ///   - license: gives the license that a record names, nil where it is not at hand.
  /// - Throws: ``Refusal`` for what is no evidence or not sealed by the installation it names,
  ///   ``PlatformError`` for a file or a zone that cannot be read.
  func check(
    installation: Thumbprint?, statement: Statement?,
    license: (String) throws -> License? = { _ in nil }
  ) throws -> EvidenceReport {
    let lines = try LineFile(file, maximum: Self.longestLine)
    guard let first = try lines.line() else { throw Refusal.malformed("the file is empty") }
    var report =
      if let header = try header(first) {
        try recount(header, lines, expected: installation)
      } else {
        try proof(expected: installation)
      }
    report.comparesInstallation = installation != nil
    if report.finding == nil, let license = try license(report.record.license) {
      report.comparesBounds = true
      report.finding = try BoundsComparison(license).finding(report.record)
    }
    if report.finding == nil, let statement {
      report.comparesStatement = true
      report.finding = StatementComparison(statement).finding(report.record)
    }
    return report
  }

  /// - Returns: nil for a first line that begins another form.
  private func header(_ line: [UInt8]) throws(Refusal) -> EvidenceHeader? {
    guard let value = try? JSONScanner.scan(line, maximumDepth: 2),
      EvidenceForm(value) == .leaves
    else { return nil }
    return try EvidenceHeader(line)
  }

  private func recount(
    _ header: EvidenceHeader, _ lines: LineFile, expected: Thumbprint?
  ) throws -> EvidenceReport {
    let record = try header.subject.open(using: cryptography).payload
    var report = EvidenceReport(form: .leaves, record: record)
    do throws(EvidenceFinding) {
      try Self.require(record, expected)
    } catch {
      report.finding = error
      return report
    }
    guard var recount = Recount(of: record, using: cryptography) else { return report }
    while let line = try lines.line() {
      let leaf: EvidenceLeaf
      do throws(Refusal) { leaf = try EvidenceLeaf(line) } catch {
        throw Refusal(error.code, "leaf \(recount.leaves): \(error.message)")
      }
      do throws(EvidenceFinding) { try recount.take(leaf) } catch {
        report.leaves = recount.leaves
        report.finding = error
        return report
      }
    }
    report.leaves = recount.leaves
    do throws(EvidenceFinding) { try recount.end() } catch { report.finding = error }
    return report
  }

  private func proof(expected: Thumbprint?) throws -> EvidenceReport {
    let proof = try EvidenceProof(try Files.read(file, maximum: EvidenceProof.maximumSize))
    let record = try proof.subject.open(using: cryptography).payload
    var report = EvidenceReport(form: .proof, record: record)
    do throws(EvidenceFinding) {
      try Self.require(record, expected)
      report.weightAtPeak = try proof.weightAtPeak(in: record, using: cryptography)
      report.opening = proof.opening
    } catch { report.finding = error }
    return report
  }

  private static func require(
    _ record: UsageRecord, _ expected: Thumbprint?
  ) throws(EvidenceFinding) {
    guard let expected, record.installation != expected else { return }
    throw .installationDiffers(record: record.installation, expected: expected)
  }
}

/// Holds the first and last second of a record's date against the zone of its license: a machine whose
/// time zone database was changed counts other dates.
struct BoundsComparison {
  private let zone: Zone

  /// - Throws: ``PlatformError`` for a zone that is not on this machine.
  init(_ license: License) throws(PlatformError) { zone = try ZoneFiles.load(license.zone) }

  /// nil where they are the zone's.
  func finding(_ record: UsageRecord) -> EvidenceFinding? {
    let expected = zone.day(of: record.date)
    guard record.from != expected.lowerBound || record.to != expected.upperBound else { return nil }
    return .boundsDiffer(
      zone: zone.name, record: record.from..<max(record.from, record.to), expected: expected)
  }
}

/// Holds a statement's line of a date against the day record.
struct StatementComparison {
  private let statement: Statement

  init(_ statement: Statement) { self.statement = statement }

  /// The first member that differs, nil where none does.
  func finding(_ record: UsageRecord) -> EvidenceFinding? {
    let line = statement.lines.first {
      $0.installation == record.installation && $0.date == record.date
    }
    guard let line else {
      return .statementDiffers(
        member: "date", record: record.date.description, statement: "no line of it")
    }
    let members: [(name: String, record: String, statement: String)] = [
      ("basis", "day", line.basis.rawValue),
      ("seq", String(record.seq), Self.text(line.seq)),
      ("peak", Self.text(record.peak?.count), Self.text(line.peak)),
      ("peak_at", Self.text(record.peak?.at), Self.text(line.peakAt)),
      ("observed", String(record.observed), String(line.observed)),
    ]
    return members.first { $0.record != $0.statement }.map {
      .statementDiffers(member: $0.name, record: $0.record, statement: $0.statement)
    }
  }

  private static func text(_ number: Int64?) -> String {
    number.map { String($0) } ?? "absent"
  }
}
