// How each type of evidence is checked (CLM-02). Each check reads the file a fixed number of times, from
// the front, in bounded memory, and follows nothing that a file could make endless. No decoder is asked:
// what is shown is no matter of ours, that it is there is.
#pragma once

#include "absl/status/status.h"
#include "services/claims/content_file.h"

namespace makegood::services {

absl::Status CheckJpeg(ContentFile& file);  // its end mark, behind a frame and data of a scan
absl::Status CheckPng(ContentFile& file);   // every check sum, image data, its end
absl::Status CheckWebp(ContentFile& file);  // every chunk, and an image among them
absl::Status CheckHeif(ContentFile& file);  // every box, and all that its index of items names
absl::Status CheckFilm(ContentFile& file);  // every box, its index, and every sample of it

// What a file that begins with `head` is, if it is of boxes (ISO/IEC 14496-12) and libmagic does not
// know, or not surely: films of the many brands there are, and pictures of HEIC under a general one. ""
// otherwise.
absl::string_view TypeOfBoxes(absl::string_view head);

}  // namespace makegood::services
