internal import Authority
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Shows a license that has just been issued.
struct IssuedOutput {
  let output: OutputOption
  let format: Format

  func show(
    _ license: Verified<License>, _ draft: LicenseDraft, of authority: Authority
  ) throws {
    let payload = license.payload
    let file = try authority.file(of: license)
    try output.write(
      file,
      cure: "license \(payload.jti) is issued: \"tally license export \(payload.jti)\" writes "
        + "its file")
    Output.talk("issued:", "已签发：")
    for line in Self.lines(payload, isDraft: false) { Output.talk(line) }
    switch (format, output.out) {
    case (.json, _): Output.data(json(license, draft, file))
    case (.text, nil): Output.data(String(file.dropLast()))
    case (.text, .some): Output.data("\(payload.jti) \(payload.line) \(payload.revision)")
    }
  }

  /// The license in lines, with instants where its zone is known here.
  static func text(_ license: License) -> String { text(license, isDraft: false) }

  /// The license in lines; the ids of a draft are left out.
  static func text(_ license: License, isDraft: Bool) -> String {
    lines(license, isDraft: isDraft).map(Printable.line).joined(separator: "\n")
  }

  private static func lines(_ license: License, isDraft: Bool) -> [String] {
    let zone = try? ZoneFiles.load(license.zone)
    let rows = LicenseText(license, zone: zone, isDraft: isDraft, in: .spoken).rows
    let width = rows.map { TextWidth.columns($0.label) }.max() ?? 0
    return rows.map { TextWidth.padded($0.label, to: width + 2) + $0.value }
  }

  private func json(
    _ license: Verified<License>, _ draft: LicenseDraft, _ file: String
  ) -> JSONValue {
    let payload = license.payload
    return [
      "jti": payload.jti.json, "line": payload.line.json, "revision": .integer(payload.revision),
      "previous": draft.previous?.jti.json ?? .null, "kid": license.kid.json,
      "out": output.out.map { .string($0) } ?? .null,
      "file": output.out == nil ? .string(file) : .null, "license": payload.json,
      "differences": .array(draft.differences.map(\.json)),
      "replaced": draft.replaced?.jti.json ?? .null,
      "replaced_differences": .array(draft.replacedDifferences.map(\.json)),
      "questions": .array(draft.questions.map(\.json)),
      "remarks": .array(draft.remarks.map { .string($0.english) }),
    ]
  }
}
