/// Bytes that nothing shows: not a log, not an error, not a dump of what holds them.
package struct HiddenBytes: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  package var description: String { "hidden" }
  package var debugDescription: String { "hidden" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
