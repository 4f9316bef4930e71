internal import Licensing
internal import Reporting
internal import Sealing

extension ControlDesk {
  /// What `usage export` answers: a bundle of what has no receipt yet.
  /// - Throws: ``VerifierError`` as ``Reporter/bundle(_:)`` does.
  package func export(_ request: BundleRequest) async throws(VerifierError) -> BundleExport {
    try await reporter.bundle(request)
  }

  /// What `usage import` does: takes the answer to a bundle.
  /// - Throws: ``VerifierError`` `DOCUMENT_REFUSED` for a file that is no such answer, and as
  ///   ``Reporter/take(_:source:)`` does.
  package func take(
    answer file: [UInt8], source: String
  ) async throws(VerifierError) -> AnswerTaken {
    let answer: BundleAnswer
    do throws(Refusal) { answer = try BundleAnswer(file: file) } catch {
      throw VerifierError(error, document: source)
    }
    let taken = try await reporter.take(answer, source: source)
    try await settleDocuments()
    return taken
  }
}
