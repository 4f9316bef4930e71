/// Text that is the same where its bytes are: Swift's strings take canonically equivalent spellings, such
/// as é in one code point and in two, for equal, and what is signed is bytes.
struct ExactText: Hashable, Sendable {
  private let bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8) }
}
