/// The largest count so far, and the second in which it was first reached.
package struct Peak: Sendable, Hashable {
  package var count: Int64
  /// A Unix instant.
  package var at: Int64

  package init(count: Int64, at: Int64) {
    self.count = count
    self.at = at
  }
}
