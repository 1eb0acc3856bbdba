// Messages on standard output, as the session wants them: tables, JSON, or values with tabs between them.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "tools/makegoodctl/command_line/session.h"
#include "tools/makegoodctl/command_line/view.h"
#include "tools/makegoodctl/terminal/table.h"

namespace makegood::ctl {

// Shows one message: for people, as one line of JSON, or as a line for each field, its name, a
// tab and its value.
void Show(const Session& session, const google::protobuf::Message& message);

// Shows what a command came to: for people in one line, unless they want the whole of it or it is a dry run;
// else as Show does.
void ShowOutcome(const Session& session, const RequestForm& form, const google::protobuf::Message& request,
                 const google::protobuf::Message& reply);

// Shows messages of one type, one a row: JSON and text as they come, a table when all of them are there and
// its widths known.
class Rows {
 public:
  // The session outlives this.
  Rows(const Session& session, const google::protobuf::Descriptor& type);

  void Add(const google::protobuf::Message& row);
  // `narrowed_by` is for TellNothingFound.
  void Finish(const std::vector<std::string>& narrowed_by) const;

 private:
  const Session& session_;
  const std::vector<Column> columns_;
  Table table_;
};

// Says on standard error that a table would have no rows; scripts see that by themselves. `narrowed_by` are
// the options that may have left all out.
void TellNothingFound(const Session& session, const std::vector<std::string>& narrowed_by = {});

// Prints a row as one line of JSON or of text, where the session wants that; false where it wants a table.
bool PrintForScript(const Session& session, const google::protobuf::Message& row);

// A message as one line of JSON, with the contract's own names: zeros, false and empty lists too; messages
// and optional fields that are not set are left out.
std::string ToJson(const google::protobuf::Message& message);

// A message as one line of its columns, tabs between them.
std::string ToTextLine(const google::protobuf::Message& message, const ValueStyle& style);

// Says on standard error that a command with --dry-run has changed nothing; the other one only where
// `request` is one.
void TellDryRun(const Session& session);
void TellDryRun(const Session& session, const google::protobuf::Message& request);

}  // namespace makegood::ctl
