internal import Platform
package import Sealing

/// Takes an answer that comes in pieces.
package protocol LineSink: Sendable {
  /// The head comes first.
  func begin(_ head: JSONValue) async throws
  /// The next elements.
  func take(_ elements: [JSONValue]) async throws
}

/// An answer that may be too long for the memory of either side: a head, then elements in pieces, each
/// made when it is wanted.
///
/// Over the socket it is one JSON text on each line: the head, the elements, and at the end
/// `{"end":N}` with their number, so that an answer that breaks off is told from a whole one.
package struct LineAnswer: Sendable {
  /// Is given the next elements, and not called again before it returns.
  package typealias Taker = ([JSONValue]) async throws -> Void

  package let head: JSONValue
  /// Hands over all elements; throws what the taker throws, and ``VerifierError``.
  package let elements: @Sendable (_ take: Taker) async throws -> Void

  package init(
    head: JSONValue, elements: @escaping @Sendable (_ take: Taker) async throws -> Void
  ) {
    self.head = head
    self.elements = elements
  }

  /// Hands everything over.
  /// - Throws: ``VerifierError``.
  package func send(to sink: some LineSink) async throws(VerifierError) {
    do {
      try await sink.begin(head)
      try await elements { try await sink.take($0) }
    } catch { throw Self.fault(error) }
  }

  static func fault(_ error: any Error) -> VerifierError {
    switch error {
    case let error as VerifierError: error
    case let error as PlatformError: VerifierError(error)
    default: VerifierError(.stateUnusable, "the answer breaks off: \(error)")
    }
  }
}

/// Takes an answer apart that comes in pieces of bytes.
struct LineReader {
  /// The longest line, in bytes: a collector that came and went each second has one of several MB.
  static let maximumLine = 16 * 1024 * 1024

  private var rest: [UInt8] = []
  private var count: Int64 = 0
  /// The first line.
  private(set) var head: JSONValue?
  private(set) var isWhole = false

  /// Takes the next bytes.
  /// - Returns: the elements that are complete now.
  /// - Throws: ``Refusal`` for what is no such answer.
  mutating func take(_ bytes: some Collection<UInt8>) throws(Refusal) -> [JSONValue] {
    rest += bytes
    var elements: [JSONValue] = []
    var start = rest.startIndex
    while let end = rest[start...].firstIndex(of: 0x0A) {
      let value = try JSONScanner.scan(Array(rest[start..<end]), maximumDepth: 16)
      start = end + 1
      if head == nil {
        head = value
      } else if let told = value["end"]?.integer {
        isWhole = told == count
      } else {
        elements.append(value)
        count += 1
      }
    }
    rest.removeSubrange(..<start)
    guard rest.count <= Self.maximumLine else { throw .malformed("a line is too long") }
    return elements
  }
}
