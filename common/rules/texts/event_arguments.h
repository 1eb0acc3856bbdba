// What texts are filled with.
#pragma once

#include "common/rules/texts/message_pattern.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// Every single field of the event's payload by its name.
TextArguments ArgumentsOf(const events::v1::Event& event);

}  // namespace makegood::rules
