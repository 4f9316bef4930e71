internal import Billing
internal import CivilTime
internal import Libcrypto
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
  /// Whether a statement was held against the record.
  var comparesStatement = false
  var finding: EvidenceFinding?

  /// One object, free of language but for the finding's message.
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
    members.append(JSONMember("statement", .bool(comparesStatement)))
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

  /// - Throws: ``Refusal`` for what is no evidence or not sealed by the installation it names,
  ///   ``PlatformError`` for a file that cannot be read.
  func check(installation: Thumbprint?, statement: Statement?) throws -> EvidenceReport {
    let lines = try LineFile(file, maximum: Self.longestLine)
    guard let first = try lines.line() else { throw Refusal.malformed("the file is empty") }
    var report =
      if let header = try header(first) {
        try recount(header, lines, expected: installation)
      } else {
        try proof(expected: installation)
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
