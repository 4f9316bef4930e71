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

  func show(_ license: Verified<License>, of authority: Authority) throws {
    let payload = license.payload
    let file = try authority.file(of: license)
    try output.write(
      file,
      cure: "license \(payload.jti) is issued: \"tally license export \(payload.jti)\" writes "
        + "its file")
    Output.talk(Self.text(payload))
    if let zone = try? authority.zone(payload.zone), let end = payload.period(in: zone).ends,
      end <= payload.iat
    {
      Output.talk("tally: note that its term is over already")
    }
    switch (format, output.out) {
    case (.json, _): Output.data(json(payload, file))
    case (.text, nil): Output.data(String(file.dropLast()))
    case (.text, .some): Output.data("\(payload.jti) \(payload.line) \(payload.revision)")
    }
  }

  /// The license in lines, with instants where its zone is known here.
  static func text(_ license: License) -> String {
    let zone = try? ZoneFiles.load(license.zone)
    return LicenseText.lines(license, zone: zone).map(Printable.text).joined(separator: "\n")
  }

  private func json(_ license: License, _ file: String) -> JSONValue {
    [
      "jti": license.jti.json, "line": license.line.json, "revision": .integer(license.revision),
      "out": output.out.map { .string($0) } ?? .null,
      "file": output.out == nil ? .string(file) : .null, "license": license.json,
    ]
  }
}
