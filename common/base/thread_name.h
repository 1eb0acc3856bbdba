// Names for threads, as `top -H` and profilers show them.
#pragma once

#include <pthread.h>

#include <string>

#include "absl/strings/string_view.h"

namespace makegood {

// Names the calling thread; Linux keeps the first 15 characters.
inline void NameThisThread(absl::string_view name) {
  pthread_setname_np(pthread_self(), std::string(name.substr(0, 15)).c_str());
}

}  // namespace makegood
