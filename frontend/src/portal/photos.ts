/* A photo of a telephone has four megabytes; what we need to see on it fits into a tenth. */

const LONGEST_SIDE = 1600;
const QUALITY = 0.82;
const LEFT_ALONE_BYTES = 400 * 1024;

/** Return a smaller picture, or the same file if it cannot be made smaller. */
export async function compressed(file: File): Promise<File> {
  if (!file.type.startsWith("image/") || file.size <= LEFT_ALONE_BYTES) return file;
  try {
    const picture = await loaded(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.naturalWidth * scale);
    canvas.height = Math.round(picture.naturalHeight * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    // Drawing it anew also leaves out where it was taken.
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file; // A form that this browser cannot draw: the server judges it.
  }
}

function loaded(file: File): Promise<HTMLImageElement> {
  return new Promise((done, failed) => {
    const picture = new Image();
    const url = URL.createObjectURL(file);
    picture.onload = () => {
      URL.revokeObjectURL(url);
      done(picture);
    };
    picture.onerror = () => {
      URL.revokeObjectURL(url);
      failed(new Error("not a picture"));
    };
    picture.src = url;
  });
}

export function startPhotos(): void {
  document.addEventListener("change", async (event) => {
    const input = event.target as HTMLInputElement;
    if (!input.matches("input[type=file][data-compresses]") || input.dataset["done"] !== undefined) return;
    const file = input.files?.[0];
    if (!file) return;
    const small = await compressed(file);
    if (small === file || input.files?.[0] !== file) return;
    const chosen = new DataTransfer();
    chosen.items.add(small);
    input.files = chosen.files;
  });
}
