package import NIOCore
package import NIOHTTPTypes

/// Closes a connection on which a request takes too long to arrive, however slowly it drips.
///
/// From the start of the connection, and from each answer, a head must be whole within its time; from
/// its head, the rest of a request within its own. What the answer takes is nobody's time here.
package final class RequestDeadline: ChannelDuplexHandler, RemovableChannelHandler {
  package typealias InboundIn = HTTPRequestPart
  package typealias InboundOut = HTTPRequestPart
  package typealias OutboundIn = HTTPResponsePart
  package typealias OutboundOut = HTTPResponsePart

  private let head: TimeAmount
  private let body: TimeAmount
  private var timer: Scheduled<Void>?
  /// Requests that have begun to arrive and have no whole answer yet.
  private var open = 0

  package init(head: TimeAmount, body: TimeAmount) {
    self.head = head
    self.body = body
  }

  package func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { arm(head, context) }
  }

  package func channelActive(context: ChannelHandlerContext) {
    arm(head, context)
    context.fireChannelActive()
  }

  package func channelInactive(context: ChannelHandlerContext) {
    disarm()
    context.fireChannelInactive()
  }

  package func handlerRemoved(context: ChannelHandlerContext) { disarm() }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      open += 1
      arm(body, context)
    case .body: break
    case .end: disarm()
    }
    context.fireChannelRead(data)
  }

  package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?)
  {
    if case .end = unwrapOutboundIn(data) {
      open -= 1
      // One that is on its way already has its own time.
      if open == 0 { arm(head, context) }
    }
    context.write(data, promise: promise)
  }

  private func arm(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    disarm()
    let channel = context.channel
    timer = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
  }

  private func disarm() {
    timer?.cancel()
    timer = nil
  }
}
