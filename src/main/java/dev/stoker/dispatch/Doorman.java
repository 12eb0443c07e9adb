package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.dispatch.DispatchMessage.Await;
import dev.stoker.dispatch.DispatchMessage.AwaitHere;
import dev.stoker.dispatch.DispatchMessage.Cancel;
import dev.stoker.dispatch.DispatchMessage.CancelHere;
import dev.stoker.dispatch.DispatchMessage.Changed;
import dev.stoker.dispatch.DispatchMessage.Find;
import dev.stoker.dispatch.DispatchMessage.FindHere;
import dev.stoker.dispatch.DispatchMessage.HandedOver;
import dev.stoker.dispatch.DispatchMessage.Join;
import dev.stoker.dispatch.DispatchMessage.Leave;
import dev.stoker.dispatch.DispatchMessage.LeaveJoin;
import dev.stoker.dispatch.DispatchMessage.OfCaller;
import dev.stoker.dispatch.DispatchMessage.OfPeer;
import dev.stoker.dispatch.DispatchMessage.Submit;
import dev.stoker.dispatch.DispatchMessage.Waiting;
import dev.stoker.dispatch.DispatchMessage.Watch;
import dev.stoker.dispatch.DispatchMessage.WatchHere;
import dev.stoker.dispatch.DispatchMessage.WhichTrace;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.Origin;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.tool.Tool;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import java.time.Duration;

/** Sends each message to who answers it. Confined to the dispatcher's context. */
final class Doorman {
  private final Vertx vertx;
  private final LiveRuns live;
  private final RunNews news;
  private final Inquiries inquiries;
  private final Intake intake;

  Doorman(Vertx vertx, LiveRuns live, RunNews news, Inquiries inquiries, Intake intake) {
    this.vertx = vertx;
    this.live = live;
    this.news = news;
    this.inquiries = inquiries;
    this.intake = intake;
  }

  /** One question or order. */
  void onMessage(Message<DispatchMessage> message) {
    switch (message.body()) {
      case OfCaller asked -> onCaller(message, asked);
      case OfPeer asked -> onPeer(message, asked);
    }
  }

  private void onCaller(Message<DispatchMessage> message, OfCaller asked) {
    switch (asked) {
      case Submit(Command command, Tool tool, Origin origin) ->
          Bus.answer(message, intake.submit(command, tool, origin));
      case Find(RunId run) -> Bus.answer(message, inquiries.find(run));
      case Await(RunId run, Duration patience) ->
          Bus.answer(message, inquiries.await(run, patience));
      case Cancel(RunId run, String reason) -> Bus.answer(message, inquiries.cancel(run, reason));
      case Leave(RunId command) -> live.leave(command);
      case Watch(RunId run) -> inquiries.watch(run);
    }
  }

  private void onPeer(Message<DispatchMessage> message, OfPeer asked) {
    switch (asked) {
      case FindHere(RunId run) -> Bus.answer(message, inquiries.findHere(run));
      case AwaitHere(RunId run, Duration patience) ->
          Bus.answer(message, inquiries.awaitHere(run, patience));
      case CancelHere(RunId run, String reason) ->
          Bus.answer(message, inquiries.cancelHere(run, reason));
      case Join(RunId run, RunId follower, Duration patience) ->
          Bus.answer(message, intake.joined(run, follower, patience));
      case WhichTrace(RunId run) -> Bus.answer(message, intake.traceOf(run));
      case LeaveJoin(RunId run, RunId follower) -> {
        LiveRun here = live.get(run);
        if (here != null && here.joined().remove(follower) != null) {
          live.cancelIfUnwanted(here);
        }
      }
      case WatchHere(RunId run, NodeId watcher) -> {
        LiveRun here = live.get(run);
        if (here != null) {
          news.watch(run, watcher);
          vertx.eventBus().send(Runs.address(watcher), new Changed(here.record()));
        }
      }
      case Changed(RunRecord record) -> news.here(record);
      case HandedOver _, Waiting _ -> {}
    }
  }
}
