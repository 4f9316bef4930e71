/// One document in a file: what its BEGIN line calls it, and its bytes.
package struct ArmourBlock: Sendable, Equatable {
  package let kind: DocumentKind
  /// The sealed document as it was before wrapping.
  package let document: String

  package init(kind: DocumentKind, document: String) {
    self.kind = kind
    self.document = document
  }
}

/// The form of sealed documents in files and mail.
///
/// A block is a BEGIN line, base 64 in lines of 64 columns, a checksum line (`=` and the CRC-32 of the
/// document in eight hexadecimal digits) and an END line. The checksum tells what was damaged on its way
/// from what was forged; it proves nothing.
///
/// The reader lives with what mail does to text: CRLF, blank lines, indentation, `>` quoting, a byte
/// order mark, dashes eaten or made longer, prose around the blocks. What it unwraps is byte for byte
/// what was wrapped, or it is refused. A file may also be one bare document.
package enum Armour {
  private static let columns = 64

  /// Wraps documents, one block after the other.
  package static func write(_ blocks: [ArmourBlock]) -> String {
    blocks.map(write).joined(separator: "\n")
  }

  private static func write(_ block: ArmourBlock) -> String {
    let bytes = Array(block.document.utf8)
    let body = Base64.encodedBytes(bytes, .standard)
    var lines = ["-----BEGIN TALLY \(block.kind.label)-----"]
    for start in stride(from: 0, to: body.count, by: columns) {
      let line = body[start..<min(start + columns, body.count)]
      lines.append(String(decoding: line, as: UTF8.self))
    }
    lines.append("=" + CRC32.text(of: bytes))
    lines.append("-----END TALLY \(block.kind.label)-----")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Unwraps every block of a file, or takes the file for one bare document.
  /// - Throws: ``Refusal`` `DAMAGED` for a block that is not whole, `MALFORMED` for a file that holds
  ///   no document at all.
  package static func read(_ file: [UInt8]) throws(Refusal) -> [ArmourBlock] {
    guard !file.isEmpty else { throw .malformed("the file is empty") }
    let file = file.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(file.dropFirst(3)) : file
    if let bare = try bareDocument(file) { return [bare] }
    guard String(validating: file, as: UTF8.self) != nil else {
      throw Refusal(.damaged, "the file is not text: give it as it was sent, or it was damaged")
    }
    var reader = ArmourReader()
    for line in file.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      try reader.take(line)
    }
    return try reader.end()
  }

  /// A compact JWS, or a keyset's JSON, standing alone; white space around it is dropped.
  /// - Returns: nil for what has not the look of one.
  private static func bareDocument(_ file: [UInt8]) throws(Refusal) -> ArmourBlock? {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
    guard let start = file.firstIndex(where: { !isSpace($0) }),
      let end = file.lastIndex(where: { !isSpace($0) })
    else { return nil }
    let text = Array(file[start...end])
    if text.first == UInt8(ascii: "{") {
      guard (try? KeysetDocument(text)) != nil else { return nil }
      return ArmourBlock(kind: .keyset, document: String(decoding: text, as: UTF8.self))
    }
    guard text.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      let header = UnverifiedDocument.headerBytes(of: text), header.first == UInt8(ascii: "{")
    else { return nil }
    let type = try ProtectedHeader(header).type
    guard let kind = DocumentKind(rawValue: type) else {
      throw Refusal(.wrongKind, "this is a \(type), no document of ours: name the license file")
    }
    return ArmourBlock(kind: kind, document: String(decoding: text, as: UTF8.self))
  }
}

/// Reads armour line by line.
///
/// Rules:
/// 1. Outside a block every line is prose, but for one that looks like a BEGIN or END line of ours or
///    like a checksum: such a line is the rest of a damaged block.
/// 2. A BEGIN line opens a block, the END line with the same word closes it.
/// 3. The checksum is the last line before END; nothing but base 64 stands before it.
struct ArmourReader {
  private var blocks: [ArmourBlock] = []
  private var open: DocumentKind?
  private var body: [UInt8] = []
  private var checksum: [UInt8]?

  /// - Parameter raw: one line, UTF-8.
  mutating func take(_ raw: ArraySlice<UInt8>) throws(Refusal) {
    let line = Self.unquoted(raw)
    guard !line.isEmpty else { return }
    let marker = Self.marker(line)
    switch (open, marker) {
    case (nil, .begin(let kind)):
      open = kind
      body = []
      checksum = nil
    case (nil, .end), (nil, .broken):
      throw Refusal(.damaged, "a block of the file has lost its BEGIN line")
    case (nil, nil):
      guard line.first != UInt8(ascii: "=") || line.count != 9 else {
        throw Refusal(.damaged, "a checksum line stands outside any block of the file")
      }
    case (.some(let kind), .end(let ended)) where ended == kind:
      try close(kind)
    case (.some(let kind), .begin), (.some(let kind), .end), (.some(let kind), .broken):
      throw Refusal(.damaged, "the \(kind.label) block has no END line of its own")
    case (.some(let kind), nil):
      try takeBody(line, kind)
    }
  }

  private mutating func takeBody(
    _ line: ArraySlice<UInt8>, _ kind: DocumentKind
  ) throws(Refusal) {
    guard checksum == nil else {
      throw Refusal(.damaged, "the \(kind.label) block has lines after its checksum")
    }
    if line.first == UInt8(ascii: "="), line.count > 4 {
      checksum = Array(line.dropFirst())
    } else {
      body += line
    }
    guard body.count <= kind.maximumSize * 2 else {
      throw .malformed("the \(kind.label) block is larger than such a document may be")
    }
  }

  private mutating func close(_ kind: DocumentKind) throws(Refusal) {
    guard let checksum else {
      throw Refusal(.damaged, "the \(kind.label) block has no checksum line")
    }
    guard let document = Base64.decode(body, .standard),
      CRC32.text(of: document).utf8.elementsEqual(checksum),
      let text = String(validating: document, as: UTF8.self)
    else {
      throw Refusal(
        .damaged, "the \(kind.label) block was damaged on its way: take the file anew")
    }
    blocks.append(ArmourBlock(kind: kind, document: text))
    open = nil
  }

  func end() throws(Refusal) -> [ArmourBlock] {
    if let open { throw Refusal(.damaged, "the file ends inside its \(open.label) block") }
    guard !blocks.isEmpty else {
      throw .malformed("the file holds no sealed document: give the one that was sent")
    }
    return blocks
  }

  private enum Marker: Equatable {
    case begin(DocumentKind)
    case end(DocumentKind)
    case broken
  }

  /// A line without indentation and `>` quoting, and without white space at its end.
  private static func unquoted(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line.drop { isSpace($0) || $0 == UInt8(ascii: ">") }
    while let last = line.last, isSpace(last) { line.removeLast() }
    return line
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// The line without dashes: ASCII ones, and those that word processors put in their place (U+2010 to
  /// U+2015, U+2212).
  private static func withoutDashes(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var rest = line
    var text: [UInt8] = []
    while let byte = rest.popFirst() {
      let next = rest.prefix(2)
      if byte == UInt8(ascii: "-") { continue }
      if byte == 0xE2, let last = next.last,
        next.first == 0x80 && (0x90...0x95).contains(last) || next.elementsEqual([0x88, 0x92])
      {
        rest = rest.dropFirst(2)
        continue
      }
      text.append(byte)
    }
    return text
  }

  /// What a line means: dashes, however many are left, do not matter, the words do.
  private static func marker(_ line: ArraySlice<UInt8>) -> Marker? {
    let text = withoutDashes(line)
    let words = text.split(whereSeparator: isSpace).map { String(decoding: $0, as: UTF8.self) }
    guard (2...4).contains(words.count), words.contains("TALLY") else { return nil }
    if words.count == 3, words[1] == "TALLY",
      let kind = DocumentKind.allCases.first(where: { $0.label == words[2] })
    {
      if words[0] == "BEGIN" { return .begin(kind) }
      if words[0] == "END" { return .end(kind) }
    }
    let isRule = words[0] == "BEGIN" || words[0] == "END" || text.count < line.count
    return isRule ? .broken : nil
  }
}

/// The CRC-32 of ISO 3309, as zip and Ethernet use it.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }

  static func text(of bytes: [UInt8]) -> String {
    let sum = bytes.reduce(~UInt32(0)) { sum, byte in
      sum >> 8 ^ table[Int((sum ^ UInt32(byte)) & 0xFF)]
    }
    let value = ~sum
    return Hexadecimal.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) })
  }
}
