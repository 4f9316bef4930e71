package import Reporting
internal import Sealing

/// Documents that someone offers to an installation.
package struct ShelfOffer: Sendable, Equatable {
  /// How they came.
  package enum Origin: Sendable, Equatable {
    /// By hand: every document must be good, and is kept.
    case hand
    /// With a gateway's answer: what does not belong here is left aside.
    case gateway
  }

  package var origin: Origin
  /// What to call them, for people.
  package var source: String
  package var keysets: [String] = []
  package var licenses: [String] = []
  package var activation: String?
  package var revocations: String?

  package var isEmpty: Bool {
    keysets.isEmpty && licenses.isEmpty && activation == nil && revocations == nil
  }

  /// What a gateway sent along.
  package init(_ delivery: Delivery) {
    origin = .gateway
    source = "the gateway's answer"
    keysets = delivery.keysets
    licenses = delivery.licenses
    revocations = delivery.revocations
  }

  /// An activation, which must be good.
  package init(activation: String, source: String) {
    origin = .hand
    self.source = source
    self.activation = activation
  }

  /// The blocks of a license file or an activation file.
  /// - Throws: ``VerifierError`` `DOCUMENT_REFUSED`.
  package init(file: [UInt8], source: String) throws(VerifierError) {
    origin = .hand
    self.source = source
    do throws(Refusal) {
      for block in try Armour.read(file) { try take(block) }
      guard !licenses.isEmpty || activation != nil else {
        throw Refusal(
          .wrongKind, "the file holds neither a LICENSE nor an ACTIVATION: name a license file")
      }
    } catch { throw VerifierError(error, document: source) }
  }

  private mutating func take(_ block: ArmourBlock) throws(Refusal) {
    switch block.kind {
    case .keyset: keysets.append(block.document)
    case .license: licenses.append(block.document)
    case .revocations: revocations = block.document
    case .activation: activation = block.document
    case .release, .enrolment, .usage, .alive, .receipt, .decision, .statement:
      throw Refusal(.wrongKind, "a \(block.kind.label) block has no place in a license file")
    }
  }
}
