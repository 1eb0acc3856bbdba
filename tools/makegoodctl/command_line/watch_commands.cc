// orders watch, chat watch: one order's history or thread as it grows. work watch: the list of work as it
// changes.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/follow.h"
#include "tools/makegoodctl/command_line/method_command.h"
#include "tools/makegoodctl/command_line/show.h"
#include "tools/makegoodctl/command_line/stream_commands.h"
#include "tools/makegoodctl/command_line/view.h"

namespace makegood::ctl {
namespace {

using google::protobuf::Message;

// What was done is among what changes.
const std::vector<Column> kWorkColumns = {
    {"work", "work_id"},      {"state", "state"},    {"due", "due"},        {"overdue", "overdue"},
    {"turn", "item.turn"},    {"kind", "item.kind"}, {"order", "order_id"}, {"amount", "item.amount"},
    {"assignee", "assignee"}, {"command", "command"}};
// What most are.
const std::vector<size_t> kWorkWidths = {28, 5, 23, 7, 10, 22, 8, 12, 8};

std::vector<std::string> TitlesOf(const std::vector<Column>& columns) {
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  return titles;
}

void ShowOne(const Session& session, const Message& message, const std::vector<Column>& columns,
             RunningTable& table) {
  if (!PrintForScript(session, message)) table.Print(RowOf(message, columns, session.style()));
  std::fflush(stdout);
}

// A stream whose request names an order and where to go on, and whose replies carry that token.
template <typename Service, typename Request, typename Reply>
class WatchCommand {
 public:
  using Stub = typename Service::Stub;
  using Open = std::unique_ptr<grpc::ClientReader<Reply>> (Stub::*)(grpc::ClientContext*, const Request&);

  WatchCommand(const Command& command, CLI::App& app, const std::unique_ptr<Stub> Client::*stub, Open open)
      : method_(MethodNamed(command.service, command.method)),
        form_(*Request::descriptor(), command.positionals, {}, app),
        stub_(stub),
        open_(open) {}

  int Run(Session& session) const {
    const auto filled = form_.Fill(session.moment());
    if (!filled.ok()) return session.Fail(filled.status(), {&form_});
    auto& request = static_cast<Request&>(**filled);
    if (const absl::Status checked = RequestForm::Check(request); !checked.ok()) {
      return session.Fail(checked, {&form_});
    }
    const auto actor = session.actor();
    if (!actor.ok()) return session.Fail(actor.status());
    StopSignal stop;
    RunningTable table(session.terminal());
    const std::string begun_at = request.resume_token();
    const absl::Status followed = Follow(
        session, *actor, stop,
        [&](grpc::ClientContext& context) { return (*(session.client().*stub_).*open_)(&context, request); },
        [&](const Reply& reply) {
          ShowOne(session, reply, ColumnsOf(*Reply::descriptor()), table);
          request.set_resume_token(reply.resume_token());
          return true;
        });
    if (request.resume_token() != begun_at) {
      const std::string on = absl::StrCat(session.command_path(), " ", request.order_id(), " --resume-token ",
                                          request.resume_token());
      std::fprintf(stderr, "To go on after this: %s\n", session.Another(on).c_str());
    }
    return followed.ok() ? kDone : session.Fail(followed, {&form_, &method_, &request});
  }

 private:
  const google::protobuf::MethodDescriptor& method_;
  const RequestForm form_;
  const std::unique_ptr<Stub> Client::*const stub_;
  const Open open_;
};

// The list of work: after a break it begins again, as there is no place to go on from.
class WorkWatch {
 public:
  WorkWatch(const Command& command, CLI::App& app)
      : method_(MethodNamed(command.service, command.method)),
        form_(*orders::v1::StreamWorkRequest::descriptor(), command.positionals, {}, app) {}

  int Run(Session& session) const {
    const auto filled = form_.Fill(session.moment());
    if (!filled.ok()) return session.Fail(filled.status(), {&form_});
    auto& request = static_cast<orders::v1::StreamWorkRequest&>(**filled);
    if (const absl::Status checked = RequestForm::Check(request); !checked.ok()) {
      return session.Fail(checked, {&form_});
    }
    const auto actor = session.actor();
    if (!actor.ok()) return session.Fail(actor.status());
    FillInOwn(*actor, request);
    StopSignal stop;
    RunningTable table(session.terminal(), kWorkWidths);
    if (session.output() == Output::kTable) table.PrintTitles(TitlesOf(kWorkColumns));
    const absl::Status followed = Follow(
        session, *actor, stop,
        [&](grpc::ClientContext& context) { return session.client().work->StreamWork(&context, request); },
        [&](const orders::v1::Work& work) {
          ShowOne(session, work, kWorkColumns, table);
          return true;
        });
    return followed.ok() ? kDone : session.Fail(followed, {&form_, &method_, &request});
  }

 private:
  const google::protobuf::MethodDescriptor& method_;
  const RequestForm form_;
};

template <typename Watch>
Action ActionOf(std::shared_ptr<Watch> watch) {
  return [watch](Session& session) { return watch->Run(session); };
}

}  // namespace

Action MakeOrdersWatch(const Command& command, CLI::App& app) {
  using orders::v1::TimelineService;
  using Watch = WatchCommand<TimelineService, orders::v1::StreamTimelineRequest, orders::v1::TimelineEntry>;
  return ActionOf(
      std::make_shared<Watch>(command, app, &Client::timelines, &TimelineService::Stub::StreamTimeline));
}

Action MakeWorkWatch(const Command& command, CLI::App& app) {
  return ActionOf(std::make_shared<WorkWatch>(command, app));
}

Action MakeChatWatch(const Command& command, CLI::App& app) {
  using notifications::v1::NotificationsService;
  using Watch = WatchCommand<NotificationsService, notifications::v1::StreamMessagesRequest,
                             notifications::v1::ChatMessage>;
  return ActionOf(std::make_shared<Watch>(command, app, &Client::notifications,
                                          &NotificationsService::Stub::StreamMessages));
}

}  // namespace makegood::ctl
