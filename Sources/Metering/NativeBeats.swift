package import Sealing

/// The body of `POST /v1/beats`: one object, an array of them, or one on each line (NDJSON).
///
/// `{"collector":"id","kind"?:"…","weight"?:n,"bye"?:true,"version"?:"…","host"?:"…","run"?:"…"}`;
/// members that we do not know are passed over, none may stand twice. A body is taken whole or not at all.
package enum NativeBeats {
  /// The most beats in one body.
  package static let maximum = 10_000
  /// Levels of nesting accepted.
  package static let maximumDepth = 16

  /// - Throws: ``Refusal`` `MALFORMED` naming the beat that is wrong.
  package static func parse(_ body: [UInt8]) throws(Refusal) -> [Beat] {
    if let beats = BeatScanner.scan(body) { return beats }
    return try parseGenerally(body)
  }

  /// Reads a body of whatever form, value by value: what ``parse(_:)`` does, but slower.
  /// - Throws: as ``parse(_:)`` does.
  package static func parseGenerally(_ body: [UInt8]) throws(Refusal) -> [Beat] {
    let values = try values(body)
    guard values.count <= maximum else { throw tooMany(values.count) }
    var beats: [Beat] = []
    beats.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      beats.append(try beat(value, "beat \(index + 1)"))
    }
    return beats
  }

  private static func values(_ body: [UInt8]) throws(Refusal) -> [JSONValue] {
    let first = body.first { !isSpace($0) }
    if first == UInt8(ascii: "[") {
      let value = try JSONScanner.scan(body, maximumDepth: maximumDepth)
      guard case .array(let elements) = value else { throw .malformed("an array expected") }
      return elements
    }
    let lines = body.split(separator: UInt8(ascii: "\n")).filter { !$0.allSatisfy(isSpace) }
    // One object may stand on several lines: then its first line is no value.
    guard lines.count > 1,
      (try? JSONScanner.scan(Array(lines[0]), maximumDepth: maximumDepth)) != nil
    else { return [try JSONScanner.scan(body, maximumDepth: maximumDepth)] }
    guard lines.count <= maximum else { throw tooMany(lines.count) }
    var values: [JSONValue] = []
    values.reserveCapacity(lines.count)
    for (index, line) in lines.enumerated() {
      do throws(Refusal) {
        values.append(try JSONScanner.scan(Array(line), maximumDepth: maximumDepth))
      } catch {
        throw Refusal(error.code, "beat \(index + 1): \(error.message)")
      }
    }
    return values
  }

  private static func tooMany(_ count: Int) -> Refusal {
    .malformed("a request carries at most \(maximum) beats, not \(count)")
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private static func beat(_ value: JSONValue, _ name: String) throws(Refusal) -> Beat {
    var reader = try ObjectReader(value, at: name)
    try reader.requireDistinctNames()
    let collector = try reader.string("collector", maximum: CollectorIdentity.maximumLength)
    let kind = try reader.optionalString("kind", maximum: 32) ?? CollectorIdentity.native
    guard let identity = CollectorIdentity(kind: kind, text: collector) else {
      throw .malformed("\(name).kind must be 1 to 32 of a-z 0-9 _ -")
    }
    var isBye = false
    if let bye = reader.optional("bye") {
      guard case .bool(let said) = bye else {
        throw .malformed("\(name).bye must be true or false")
      }
      isBye = said
    }
    return Beat(
      identity: identity, weight: try reader.optionalWeight("weight"), isBye: isBye,
      version: reader.note("version"), host: reader.note("host"), run: reader.note("run"))
  }
}
